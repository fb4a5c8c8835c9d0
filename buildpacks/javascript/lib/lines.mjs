// Where a line of the bundle came from, small enough to be part of it.
//
// The engine's stack traces name lines of the bundle. With this table the prelude names lines of the source instead. It is a list of runs: from this line
// of the bundle on, lines are those of this source, beginning with this one.
/** The table as the first line of a bundle, without the line's end: runs are `"begin,source,line;…"`, lines counted from 1. Sources that are `hidden(source)` have no name, others `nameOf(source)`. */
export function lineTable(map, hidden, nameOf) {
  const runs = [];
  for (const [bundle, source, line] of lineStarts(map.mappings)) {
    const last = runs.at(-1);
    if (last && last[1] === source && line - last[2] === bundle - last[0]) continue;
    runs.push([bundle, source, line]);
  }
  const sources = map.sources.map((source) => (hidden(source) ? "" : nameOf(source)));
  return `globalThis.__paas_lines = ${JSON.stringify({ sources, runs: runs.map((run) => run.join()).join(";") })};`;
}

/** The first mapping of each line that has one. Mappings are Base64 VLQ, in steps from the one before. */
function* lineStarts(mappings) {
  let [line, source, sourceLine, first] = [2, 0, 0, true]; // The table's own line comes first.
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
