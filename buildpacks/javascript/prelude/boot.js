// The line between boot and request: before it there is no event loop, after it everything is live.
const waiting = [];

/** Calls back when an instance gets its request. */
export const onFirstRequest = (callback) => waiting.push(callback);

export function begin() {
  for (const callback of waiting.splice(0)) callback();
}
