// Where a line of the bundle came from, small enough to be part of it.
//
// The engine's stack traces name lines of the bundle. With this table the prelude names lines of the source instead. It is a list of runs: from this line
// of the bundle on, lines are those of this source, beginning with this one.
import { resolve, sep } from "node:path";

/** The table as the first line of a bundle: runs are `"begin,source,line;…"`, lines counted from 1. Sources in `hidden` have no name. */
export function lineTable(map, folder, hidden) {
  const runs = [];
  for (const [bundle, source, line] of lineStarts(map.mappings)) {
    const last = runs.at(-1);
    if (last && last[1] === source && line - last[2] === bundle - last[0]) continue;
    runs.push([bundle, source, line]);
  }
  const sources = map.sources.map((name) => (resolve(folder, name).startsWith(hidden + sep) || name.includes("paas:") ? "" : name));
  return `globalThis.__paas_lines = ${JSON.stringify(JSON.stringify({ sources, runs: runs.map((run) => run.join()).join(";") }))};\n`;
}

/** The first mapping of each line that has one. */
function* lineStarts(mappings) {
  let [source, line] = [0, 0];
  for (const [index, segments] of mappings.split(";").entries()) {
    let first = true;
    for (const segment of segments.split(",").filter(Boolean)) {
      const [, sourceStep, lineStep] = decode(segment);
      if (sourceStep === undefined) continue;
      source += sourceStep;
      line += lineStep;
      // The table's own line comes first.
      if (first) yield [index + 2, source, line + 1];
      first = false;
    }
  }
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 VLQ, as source maps have it. */
function decode(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
