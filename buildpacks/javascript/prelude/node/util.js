import { format, inspect } from "../inspect.js";
export { format, inspect };
export const { TextEncoder, TextDecoder } = globalThis;

/** A function with a last argument `(error, value) => …` as one that gives a promise. */
export const promisify = (original) => (...values) =>
  new Promise((resolve, reject) => original(...values, (error, value) => (error ? reject(error) : resolve(value))));

export function inherits(type, parent) {
  Object.setPrototypeOf(type.prototype, parent.prototype);
  Object.setPrototypeOf(type, parent);
}
export const deprecate = (original) => original;
export const isDeepStrictEqual = (left, right) => inspect(left, { depth: Infinity }) === inspect(right, { depth: Infinity });
export const stripVTControlCharacters = (text) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
export default { format, inspect, TextEncoder, TextDecoder, promisify, inherits, deprecate, isDeepStrictEqual, stripVTControlCharacters };
