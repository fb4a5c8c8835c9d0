// Stack traces that name the source's lines; the bundle's first line brings the table (lib/lines.mjs of the buildpack).
const table = globalThis.__paas_lines;
delete globalThis.__paas_lines;

/** The engine's `handler@app.js:43:9` in the form that V8 made familiar: `    at handler (src/index.ts:5:9)`. */
export function readable(stack) {
  const { sources, runs } = JSON.parse(table ?? '{"sources":[],"runs":""}');
  const starts = runs.split(";").map((run) => run.split(",").map(Number));
  return stack.trimEnd().split("\n").map((line) => frame(line, sources, starts)).filter(Boolean).join("\n");
}

function frame(line, sources, runs) {
  const match = /^(.*?)@(.*?):(\d+):(\d+)$/.exec(line);
  if (!match) return line && `    at ${line}`;
  const [, name, file, number, column] = match;
  const run = file === "app.js" ? runs.findLast(([begin]) => begin <= number) : undefined;
  // The platform's own frames are nobody's news.
  if (run && !sources[run[1]]) return undefined;
  const place = run ? `${sources[run[1]]}:${Number(number) - run[0] + run[2]}:${column}` : `${file}:${number}:${column}`;
  const caller = name.replace(/^async\*/, "").replace(/[/<]+$/, "").replace(/^.*\//, "");
  // The bundler's functions around files are named after these.
  return caller && !/^(init_|require_)|\.[cm]?[jt]sx?$/.test(caller) ? `    at ${caller} (${place})` : `    at ${place}`;
}
