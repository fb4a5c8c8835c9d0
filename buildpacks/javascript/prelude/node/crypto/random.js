// Randomness, from the host.
import { Buffer } from "node:buffer";
export const webcrypto = globalThis.crypto;
/** What the host gives at once. */
const MOST_BYTES = 65536;

export const randomUUID = () => webcrypto.randomUUID();
export const getRandomValues = (array) => webcrypto.getRandomValues(array);

export function randomFillSync(buffer, offset = 0, size = buffer.byteLength - offset) {
  const view = new Uint8Array(buffer.buffer ?? buffer, (buffer.byteOffset ?? 0) + offset, size);
  for (let at = 0; at < size; at += MOST_BYTES) webcrypto.getRandomValues(view.subarray(at, at + MOST_BYTES));
  return buffer;
}
export function randomFill(buffer, ...rest) {
  const callback = rest.pop();
  process.nextTick(callback, null, randomFillSync(buffer, ...rest));
}
export function randomBytes(size, callback) {
  const filled = randomFillSync(Buffer.alloc(size));
  if (!callback) return filled;
  process.nextTick(callback, null, filled);
}
export const pseudoRandomBytes = randomBytes;

export function randomInt(low, high, callback) {
  if (typeof high === "function") [high, callback] = [undefined, high];
  const [from, to] = high === undefined ? [0, low] : [low, high];
  const number = from + below(to - from);
  if (!callback) return number;
  process.nextTick(callback, null, number);
}

function below(range) {
  // Numbers above the last whole multiple would favour the low ones.
  const limit = 2 ** 32 - (2 ** 32 % range);
  for (;;) {
    const [number] = webcrypto.getRandomValues(new Uint32Array(1));
    if (number < limit) return number % range;
  }
}
