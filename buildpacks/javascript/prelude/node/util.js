// node:util.
import { format, inspect } from "../inspect.js";
import { callSites } from "../stack.js";
import * as types from "./util-types.js";
export { format, inspect, types };
export const { TextEncoder, TextDecoder } = globalThis;
export const isDeepStrictEqual = (left, right) => inspect(left, { depth: Infinity }) === inspect(right, { depth: Infinity });

const custom = Symbol.for("nodejs.util.promisify.custom");

/** A function with a last argument `(error, value) => …` as one that gives a promise. */
export function promisify(original) {
  if (typeof original[custom] === "function") return original[custom];
  return function (...values) {
    return new Promise((resolve, reject) => original.call(this, ...values, (error, value) => (error ? reject(error) : resolve(value))));
  };
}
promisify.custom = custom;

/** The other way round. */
export const callbackify = (original) => (...values) => {
  const callback = values.pop();
  original(...values).then((value) => process.nextTick(callback, null, value), (error) => process.nextTick(callback, error ?? new Error("rejected")));
};

export function inherits(type, parent) {
  Object.defineProperty(type, "super_", { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(type.prototype, parent.prototype);
}
export const deprecate = (original) => original;
export const debuglog = () => Object.assign(() => {}, { enabled: false });
export const debug = debuglog;
export const formatWithOptions = (_, ...values) => format(...values);
export const stripVTControlCharacters = (text) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
export const toUSVString = (text) => String(text).toWellFormed?.() ?? String(text);
export const styleText = (_, text) => text;
export const aborted = (signal) => new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
export const getSystemErrorName = (number) => String(number);
/** The places that led here, the caller first. */
export const getCallSites = () =>
  callSites(new Error()).map((site) => ({ functionName: site.getFunctionName() ?? "", scriptName: site.getFileName(), lineNumber: site.getLineNumber(), column: site.getColumnNumber() }));
export const { isArray } = Array;
export const isError = (value) => value instanceof Error;

// Old ones that Node of this version still has.
export const _extend = (target, source) => (source !== null && typeof source === "object" ? Object.assign(target, source) : target);
export const isBoolean = (value) => typeof value === "boolean";
export const isNull = (value) => value === null;
export const isNullOrUndefined = (value) => value === null || value === undefined;
export const isNumber = (value) => typeof value === "number";
export const isString = (value) => typeof value === "string";
export const isSymbol = (value) => typeof value === "symbol";
export const isUndefined = (value) => value === undefined;
export const isFunction = (value) => typeof value === "function";
export const isObject = (value) => value !== null && typeof value === "object";
export const isPrimitive = (value) => !isObject(value) && !isFunction(value);
export const isRegExp = (value) => types.isRegExp(value);
export const isDate = (value) => types.isDate(value);
export const isBuffer = (value) => globalThis.Buffer?.isBuffer(value) ?? false;
