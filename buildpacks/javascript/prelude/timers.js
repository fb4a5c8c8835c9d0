// Timers. There is no event loop while an app boots: what is set then runs with a request, or at once where the boot waits for it.
import { onFirstRequest } from "./boot.js";

const native = { setTimeout, setInterval, clearTimeout };
/** Timers set at boot: our number → when, what to start, then the engine's number. */
const deferred = new Map();
/** Timeouts of the request that are still to come: an instance of a Node app stays for them. */
const coming = new Set();
const waiting = [];
let last = 0;
let clock = 0;
let booting = true;

function defer(kind, callback, delay, values) {
  const id = --last;
  deferred.set(id, { kind, due: clock + (Number(delay) || 0), call: () => callback(...values), start: () => native[kind](callback, delay, ...values) });
  return id;
}

function clear(id) {
  const timer = deferred.get(id);
  deferred.delete(id);
  native.clearTimeout(timer ? timer.running : id);
  ended(id);
}

function ended(id) {
  coming.delete(id);
  if (!coming.size) for (const resolve of waiting.splice(0)) resolve();
}

globalThis.setTimeout = (callback, delay = 0, ...values) => {
  if (booting) return defer("setTimeout", callback, delay, values);
  const id = native.setTimeout(() => {
    try {
      callback(...values);
    } finally {
      ended(id);
    }
  }, delay);
  coming.add(id);
  return id;
};
globalThis.setInterval = (callback, delay = 0, ...values) =>
  booting ? defer("setInterval", callback, delay, values) : native.setInterval(callback, delay, ...values);
globalThis.clearTimeout = clear;
globalThis.clearInterval = clear;
globalThis.setImmediate = (callback, ...values) => setTimeout(callback, 0, ...values);
globalThis.clearImmediate = clear;

/** Settles when no timeout of this request is to come. */
export const idle = async () => {
  while (coming.size) await new Promise((resolve) => waiting.push(resolve));
};

/** More turns than a chain of promises has in practice. */
const TURNS = 1000;
const quiet = async () => {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
};

/** Runs what was set at boot, the earliest first and without waiting, until `done()`. */
export async function runTimersOfBoot(done) {
  for (;;) {
    await quiet();
    if (done()) return;
    const timeouts = [...deferred].filter(([, { kind }]) => kind === "setTimeout");
    if (!timeouts.length) return;
    const [id, timer] = timeouts.reduce((first, other) => (other[1].due < first[1].due ? other : first));
    deferred.delete(id);
    clock = timer.due;
    timer.call();
  }
}

onFirstRequest(() => {
  booting = false;
  for (const timer of deferred.values()) timer.running = timer.start();
});
