// Stack traces that name the source's lines. Each module of the bundle brings its table (lib/lines.mjs of the buildpack).
const tables = new Map();
export const lines = (file, table) => tables.set(file, table);

/** Few enough runs to look at each. */
const NEAR = 256;

/** The engine's `handler@app.js:43:9` in the form that V8 made familiar: `    at handler (src/index.ts:5:9)`. */
export const readable = (stack) => stack.trimEnd().split("\n").map(frame).filter(Boolean).join("\n");

/** The run that a line of the bundle belongs to: its own first line, the source, and the source's line. Large bundles have 100,000, and packages ask for stacks while they start. */
function runOf(runs, line) {
  let [low, high] = [0, runs.length];
  while (high - low > NEAR) {
    const middle = runs.indexOf(";", low + ((high - low) >> 1)) + 1;
    if (!middle || middle >= high) break;
    if (Number.parseInt(runs.slice(middle, middle + 12), 10) <= line) low = middle;
    else high = middle - 1;
  }
  return runs.slice(low, high).split(";").map((run) => run.split(",").map(Number)).findLast(([begin]) => begin <= line);
}

function frame(line) {
  const match = /^(.*?)@(.*?):(\d+):(\d+)$/.exec(line);
  if (!match) return line && `    at ${line}`;
  const [, name, file, number, column] = match;
  const { sources, runs } = tables.get(file) ?? {};
  const run = runs && runOf(runs, Number(number));
  // The platform's own frames are nobody's news.
  if (run && !sources[run[1]]) return undefined;
  const place = run ? `${sources[run[1]]}:${Number(number) - run[0] + run[2]}:${column}` : `${file}:${number}:${column}`;
  const caller = name.replace(/^async\*/, "").replace(/[/<]+$/, "").replace(/^.*\//, "");
  // The bundler's functions around files are named after these.
  return caller && !/^(init_|require_)|\.[cm]?[jt]sx?$/.test(caller) ? `    at ${caller} (${place})` : `    at ${place}`;
}
