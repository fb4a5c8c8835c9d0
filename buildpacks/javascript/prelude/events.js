// `addEventListener("fetch", …)`, the service worker's way to answer. serve.js calls the listeners.
export const listeners = [];

const native = globalThis.addEventListener;

/** The engine's own, for serve.js. */
export const listen = (callback) => native.call(globalThis, "fetch", callback);

globalThis.addEventListener = (type, listener, ...rest) => {
  if (type !== "fetch") return native.call(globalThis, type, listener, ...rest);
  listeners.push(typeof listener === "function" ? listener : (event) => listener.handleEvent(event));
};
