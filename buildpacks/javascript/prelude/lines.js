// Stack traces that name the source's lines. The bundle's last line brings the table (see lib/lines.mjs of the buildpack).
let table;

globalThis.__paas_lines = (json) => {
  table = json;
  delete globalThis.__paas_lines;
};

/** The engine's `handler@app.js:43:9` in the form that V8 made familiar: `    at handler (src/index.ts:5:9)`. */
export function readable(stack) {
  const { sources, runs } = read();
  return stack.trimEnd().split("\n").map((line) => frame(line, sources, runs)).filter(Boolean).join("\n");
}

function read() {
  if (!table) return { sources: [], runs: [] };
  const { sources, runs } = JSON.parse(table);
  return { sources, runs: runs.split(";").map((run) => run.split(",").map(Number)) };
}

function frame(line, sources, runs) {
  const match = /^(.*?)@(.*?):(\d+):(\d+)$/.exec(line);
  if (!match) return line && `    at ${line}`;
  const [, name, file, number, column] = match;
  const run = file === "app.js" && runs.findLast(([begin]) => begin <= number);
  // The platform's own frames are nobody's news.
  if (run && sources[run[1]].includes("prelude/")) return undefined;
  const place = run ? `${sources[run[1]]}:${Number(number) - run[0] + run[2]}:${column}` : `${file}:${number}:${column}`;
  const caller = name.replace(/^.*\//, "").replace(/[<*]+$/, "");
  return caller ? `    at ${caller} (${place})` : `    at ${place}`;
}
