// What of node:crypto the web's crypto has, too.
export const webcrypto = globalThis.crypto;
export const { subtle } = webcrypto;
export const randomUUID = () => webcrypto.randomUUID();
export const getRandomValues = (array) => webcrypto.getRandomValues(array);

export function timingSafeEqual(left, right) {
  if (left.byteLength !== right.byteLength) throw new RangeError("Input buffers must have the same byte length");
  const [a, b] = [left, right].map((view) => new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength));
  return a.reduce((difference, byte, index) => difference | (byte ^ b[index]), 0) === 0;
}

export function randomInt(low, high) {
  const [from, to] = high === undefined ? [0, low] : [low, high];
  const range = to - from;
  // Numbers above the last whole multiple would favour the low ones.
  const limit = 2 ** 32 - (2 ** 32 % range);
  for (;;) {
    const [number] = webcrypto.getRandomValues(new Uint32Array(1));
    if (number < limit) return from + (number % range);
  }
}

export default { webcrypto, subtle, randomUUID, getRandomValues, timingSafeEqual, randomInt };
