// Where a line of the bundle came from, small enough to be part of it.
//
// The engine's stack traces name lines of the bundle. With this table the prelude names lines of the source instead. It is a list of runs: from this line
// of the bundle on, lines are those of this source, beginning with this one.
/** The runs of one text, `[line, source, source's line]`, counted from 1. What stands before the first is the bundler's. Sources that are `hidden(source)` have no name, others `nameOf(source)`. */
export function lineRuns(map, hidden, nameOf) {
  const sources = map.sources.map((source) => (hidden(source) ? "" : nameOf(source)));
  const runs = [[1, sources.push("") - 1, 1]];
  for (const [bundle, source, line] of lineStarts(map.mappings)) {
    const last = runs.at(-1);
    if (last[1] === source && line - last[2] === bundle - last[0]) continue;
    runs.push([bundle, source, line]);
  }
  return { sources, runs };
}

/** A line that hands the prelude the table of this module, in which the text with these runs begins at line `at`: runs as `"begin,source,line;…"`. */
export function lineTable(module, { sources, runs }, at) {
  const moved = runs.map(([begin, source, line]) => `${begin + at - 1},${source},${line}`);
  return `__paas_ground.lines(${JSON.stringify(module)}, ${JSON.stringify({ sources, runs: moved.join(";") })});`;
}

/** The first mapping of each line that has one. Mappings are Base64 VLQ, in steps from the one before. */
function* lineStarts(mappings) {
  let [line, source, sourceLine, first] = [1, 0, 0, true];
  let [field, value, shift] = [0, 0, 0];
  for (let at = 0; at <= mappings.length; at++) {
    const code = at < mappings.length ? mappings.charCodeAt(at) : SEMICOLON;
    if (code !== COMMA && code !== SEMICOLON) {
      const bits = BITS[code];
      value |= (bits & 31) << shift;
      shift += 5;
      if (bits & 32) continue;
      const step = value & 1 ? -(value >> 1) : value >> 1;
      if (field === 1) source += step;
      if (field === 2) sourceLine += step;
      field++;
      [value, shift] = [0, 0];
      continue;
    }
    if (first && field > 2) {
      yield [line, source, sourceLine + 1];
      first = false;
    }
    field = 0;
    if (code === SEMICOLON) [line, first] = [line + 1, true];
  }
}

const [COMMA, SEMICOLON] = [44, 59];
const BITS = new Uint8Array(128);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].forEach((digit, value) => (BITS[digit.charCodeAt(0)] = value));
