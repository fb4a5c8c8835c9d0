// Timers. Those that are set while the app boots begin to run with a request, for there is no event loop before.
import { onFirstRequest } from "./boot.js";

const native = { setTimeout, setInterval, clearTimeout, clearInterval };
/** Timers set at boot: our number → what to start, then the engine's number. */
const deferred = new Map();
let last = 0;
let booting = true;

function defer(set, callback, delay, values) {
  const id = --last;
  deferred.set(id, { start: () => set(callback, delay, ...values) });
  return id;
}

function clear(id) {
  const timer = deferred.get(id);
  deferred.delete(id);
  native.clearTimeout(timer ? timer.running : id);
}

globalThis.setTimeout = (callback, delay = 0, ...values) =>
  booting ? defer(native.setTimeout, callback, delay, values) : native.setTimeout(callback, delay, ...values);
globalThis.setInterval = (callback, delay = 0, ...values) =>
  booting ? defer(native.setInterval, callback, delay, values) : native.setInterval(callback, delay, ...values);
globalThis.clearTimeout = clear;
globalThis.clearInterval = clear;
globalThis.setImmediate = (callback, ...values) => setTimeout(callback, 0, ...values);
globalThis.clearImmediate = clear;

onFirstRequest(() => {
  booting = false;
  for (const timer of deferred.values()) timer.running = timer.start();
});
