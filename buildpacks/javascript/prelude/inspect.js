// Values as text for logs, after the manner of Node's util.inspect.
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");
const WIDTH = 76;
const MAX_ITEMS = 100;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** `depth` says how many levels of objects are opened. */
export function inspect(value, { depth = 2 } = {}) {
  return show(value, depth ?? Infinity, []);
}
inspect.custom = CUSTOM;
inspect.defaultOptions = {};

/** What `console.log(...values)` prints: `%s`, `%d`, `%i`, `%f`, `%j`, `%o`, `%O`, `%c` in a first string take the values that follow. */
export function format(...values) {
  let next = 1;
  const first = typeof values[0] === "string" && values.length > 1
    ? values[0].replace(/%[sdifjoOc%]/g, (token) => (token === "%%" ? "%" : next < values.length ? insert(token, values[next++]) : token))
    : undefined;
  const rest = first === undefined ? values : values.slice(next);
  return [...(first === undefined ? [] : [first]), ...rest.map((value) => (typeof value === "string" ? value : inspect(value)))].join(" ");
}

function insert(token, value) {
  switch (token) {
    case "%s": return typeof value === "string" ? value : inspect(value, { depth: 0 });
    case "%d": return typeof value === "bigint" ? `${value}n` : String(Number(value));
    case "%i": return String(Number.parseInt(value, 10));
    case "%f": return String(Number.parseFloat(value));
    case "%j": return JSON.stringify(value);
    case "%c": return "";
    default: return inspect(value, { depth: 4 });
  }
}

/** The name, the message, and where it happened; with `cause` and own properties. */
export function describe(error, depth = 2, seen = []) {
  const lines = [String(error.stack || `${error.name ?? "Error"}${error.message ? `: ${error.message}` : ""}`)];
  const own = Object.keys(error).filter((key) => !["stack", "message", "name"].includes(key));
  const extra = own.length ? ` ${properties(own.map((key) => [key, error[key]]), depth, [...seen, error])}` : "";
  if (error.errors?.length) lines.push(...error.errors.map((one) => show(one, depth, [...seen, error]).replace(/^/gm, "  ")));
  if (error.cause !== undefined && !own.includes("cause")) lines.push(`  [cause]: ${show(error.cause, depth, [...seen, error]).replace(/\n/g, "\n  ")}`);
  return lines.filter(Boolean).join("\n") + extra;
}

function show(value, depth, seen) {
  switch (typeof value) {
    case "string": return quote(value);
    case "bigint": return `${value}n`;
    case "symbol": return value.toString();
    case "function": return `[${/^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function"}${value.name ? ` ${value.name}` : " (anonymous)"}]`;
    case "object": return value === null ? "null" : object(value, depth, seen);
    case "number": return Object.is(value, -0) ? "-0" : String(value);
    default: return String(value);
  }
}

const quote = (text) => (text.includes("'") && !text.includes('"') ? `"${escape(text)}"` : `'${escape(text).replaceAll("'", "\\'")}'`);
const escape = (text) => text.replace(/[\\\n\r\t]/g, (character) => ({ "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" })[character]);

function object(value, depth, seen) {
  if (seen.includes(value)) return "[Circular *]";
  if (typeof value[CUSTOM] === "function") return custom(value, depth, seen);
  if (value instanceof Error) return seen.length ? `[${describe(value, depth - 1, seen)}]` : describe(value, depth, seen);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return "Promise {}";
  if (value instanceof URL || value instanceof URLSearchParams) return `${value.constructor.name} ${quote(value.toString())}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "[Object: null prototype]";
  if (depth < 0) return Array.isArray(value) ? "[Array]" : `[${name}]`;
  const inner = [...seen, value];
  const item = (element) => show(element, depth - 1, inner);
  if (Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView)) return list(value, name, item);
  if (value instanceof Map) return wrap(`Map(${value.size}) `, [...value].map(([key, element]) => `${item(key)} => ${item(element)}`), "{", "}");
  if (value instanceof Set) return wrap(`Set(${value.size}) `, [...value].map(item), "{", "}");
  if (value instanceof Headers || value instanceof FormData) return `${name} ${properties([...value], depth, inner)}`;
  if (value instanceof Request) return `Request ${properties([["method", value.method], ["url", value.url], ["headers", value.headers]], depth, inner)}`;
  if (value instanceof Response) return `Response ${properties([["status", value.status], ["headers", value.headers]], depth, inner)}`;
  const keys = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  return (name === "Object" ? "" : `${name} `) + properties(keys.map((key) => [key, read(value, key)]), depth, inner);
}

/** A value that says itself how it looks. */
function custom(value, depth, seen) {
  const shown = value[CUSTOM](depth, { depth, stylize: String }, inspect);
  return typeof shown === "string" ? shown : show(shown, depth, [...seen, value]);
}

/** A getter's value is not worth running code for. */
function read(value, key) {
  const { get, value: plain } = Object.getOwnPropertyDescriptor(value, key) ?? {};
  return get ? Symbol("[Getter]") : plain;
}

function list(value, name, item) {
  const items = Array.from({ length: Math.min(value.length, MAX_ITEMS) }, (_, index) => item(value[index]));
  if (value.length > MAX_ITEMS) items.push(`... ${value.length - MAX_ITEMS} more items`);
  return wrap(name === "Array" ? "" : `${name}(${value.length}) `, items, "[", "]");
}

function properties(entries, depth, seen) {
  const key = (name) => (typeof name === "symbol" ? `[${String(name)}]` : IDENTIFIER.test(name) ? name : quote(name));
  const text = (value) => (typeof value === "symbol" && value.description === "[Getter]" ? "[Getter]" : show(value, depth - 1, seen));
  return wrap("", entries.map(([name, value]) => `${key(name)}: ${text(value)}`), "{", "}");
}

function wrap(prefix, items, open, close) {
  if (!items.length) return `${prefix}${open}${close}`;
  const line = `${prefix}${open} ${items.join(", ")} ${close}`;
  if (line.length <= WIDTH && !line.includes("\n")) return line;
  return `${prefix}${open}\n${items.map((item) => `  ${item.replace(/\n/g, "\n  ")}`).join(",\n")}\n${close}`;
}
