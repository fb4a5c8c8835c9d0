// node:events: the package `events`, and what it does not have.
import EventEmitter from "toolchain:events/events.js";

/** Each event of this name, until the signal ends it. */
async function* on(emitter, name, { signal } = {}) {
  const [queue, waiting] = [[], []];
  const wake = () => waiting.splice(0).forEach((resolve) => resolve());
  const take = (...values) => (queue.push(values), wake());
  const fail = (error) => (queue.push(Promise.reject(error)), wake());
  emitter.on(name, take);
  emitter.on("error", fail);
  signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
  try {
    for (;;) {
      while (queue.length) yield await queue.shift();
      await new Promise((resolve) => waiting.push(resolve));
    }
  } finally {
    emitter.off(name, take);
    emitter.off("error", fail);
  }
}

Object.assign(EventEmitter, {
  on,
  EventEmitterAsyncResource: EventEmitter,
  captureRejectionSymbol: Symbol.for("nodejs.rejection"),
  errorMonitor: Symbol("events.errorMonitor"),
  captureRejections: false,
  getEventListeners: (emitter, name) => emitter.listeners?.(name) ?? [],
  getMaxListeners: (emitter) => emitter.getMaxListeners?.() ?? 10,
  setMaxListeners: (count, ...emitters) => emitters.forEach((emitter) => emitter.setMaxListeners?.(count)),
  addAbortListener(signal, listener) {
    signal.addEventListener("abort", listener, { once: true });
    return { [Symbol.dispose ?? Symbol.for("dispose")]: () => signal.removeEventListener("abort", listener) };
  },
});

export { EventEmitter, on };
export const {
  once, EventEmitterAsyncResource, captureRejectionSymbol, errorMonitor, captureRejections, defaultMaxListeners,
  getEventListeners, getMaxListeners, setMaxListeners, addAbortListener, listenerCount,
} = EventEmitter;
export default EventEmitter;
