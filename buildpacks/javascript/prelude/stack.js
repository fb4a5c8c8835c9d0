// Error stacks as V8 makes them: the message first, `    at` lines of the source, and the hooks that packages use to look at them.
import { readable } from "./lines.js";

const native = Object.getOwnPropertyDescriptor(Error.prototype, "stack");
/** Errors whose stack was asked for already: it is made once. */
const made = new WeakMap();

const head = (error) => (error.message ? `${error.name}: ${error.message}` : String(error.name));

/** `Error: message`, and where it happened in the app. */
export function stackOf(error) {
  const frames = readable(native.get.call(error) ?? "");
  return frames ? `${head(error)}\n${frames}` : head(error);
}

Object.defineProperty(Error.prototype, "stack", {
  configurable: true,
  get() {
    if (!(this instanceof Error)) return undefined;
    if (!made.has(this)) made.set(this, stackOf(this));
    return made.get(this);
  },
  set(value) {
    Object.defineProperty(this, "stack", { value, writable: true, configurable: true });
  },
});

class CallSite {
  #line;
  constructor(line) {
    const [, name, file, row, column] = /^ {4}at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/.exec(line) ?? [];
    this.#line = { name, file, row: Number(row), column: Number(column), text: line.slice(7) };
  }
  getFileName = () => this.#line.file;
  getScriptNameOrSourceURL = () => this.#line.file;
  getLineNumber = () => this.#line.row;
  getColumnNumber = () => this.#line.column;
  getFunctionName = () => this.#line.name ?? null;
  getMethodName = () => null;
  getTypeName = () => null;
  getThis = () => undefined;
  getFunction = () => undefined;
  getEvalOrigin = () => undefined;
  isNative = () => false;
  isEval = () => false;
  isConstructor = () => false;
  isToplevel = () => true;
  isAsync = () => false;
  toString = () => this.#line.text;
}

/** The places of a stack, the innermost first. */
export const callSites = (error) => stackOf(error).split("\n").filter((line) => line.startsWith("    at ")).map((line) => new CallSite(line));

/** Gives `target` a stack of here, made when it is read; `Error.prepareStackTrace` may have a word. */
Error.captureStackTrace = (target) => {
  const here = new Error();
  const make = () => {
    const prepare = Error.prepareStackTrace;
    if (typeof prepare === "function") return prepare(target, callSites(here));
    return [target instanceof Error ? head(target) : "Error", ...stackOf(here).split("\n").slice(1)].join("\n");
  };
  // Whoever sets a hook removes it right after: then the stack is wanted now.
  const early = typeof Error.prepareStackTrace === "function" ? { value: make() } : undefined;
  Object.defineProperty(target, "stack", {
    configurable: true,
    get: () => (early ?? { value: make() }).value,
    set: (value) => Object.defineProperty(target, "stack", { value, writable: true, configurable: true }),
  });
};
Error.stackTraceLimit ??= 10;
