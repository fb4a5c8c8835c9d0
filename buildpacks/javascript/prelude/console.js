// console prints values as Node does; the engine's own prints JavaScript source.
import { format, inspect } from "./inspect.js";

const { log, error } = console;
const out = (...values) => log(format(...values));
const err = (...values) => error(format(...values));
const counts = new Map();
const timers = new Map();
let indent = "";

const indented = (print) => (...values) => {
  const text = format(...values);
  print(indent ? text.replace(/^/gm, indent) : text);
};

Object.assign(console, {
  log: indented(out),
  info: indented(out),
  debug: indented(out),
  dir: (value, options) => out(inspect(value, options ?? undefined)),
  table: (value) => out(inspect(value, { depth: 3 })),
  warn: indented(err),
  error: indented(err),
  trace: (...values) => err(`Trace: ${format(...values)}\n${new Error().stack}`),
  assert: (condition, ...values) => condition || err(values.length ? `Assertion failed: ${format(...values)}` : "Assertion failed"),
  group: (...values) => {
    if (values.length) console.log(...values);
    indent += "  ";
  },
  groupEnd: () => (indent = indent.slice(2)),
  count: (label = "default") => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    out(`${label}: ${counts.get(label)}`);
  },
  countReset: (label = "default") => counts.delete(label),
  time: (label = "default") => timers.set(label, Date.now()),
  timeLog: (label = "default", ...values) => timers.has(label) && out(`${label}: ${Date.now() - timers.get(label)}ms`, ...values),
  timeEnd: (label = "default") => {
    console.timeLog(label);
    timers.delete(label);
  },
});
console.groupCollapsed = console.group;
