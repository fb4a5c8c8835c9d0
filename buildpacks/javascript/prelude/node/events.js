// A plain event emitter.
export class EventEmitter {
  #listeners = new Map();

  on(name, listener) {
    this.#listeners.set(name, [...this.listeners(name), listener]);
    return this;
  }
  once(name, listener) {
    const once = (...values) => {
      this.off(name, once);
      listener.apply(this, values);
    };
    once.listener = listener;
    return this.on(name, once);
  }
  off(name, listener) {
    const all = this.listeners(name);
    const at = all.findLastIndex((one) => one === listener || one.listener === listener);
    this.#listeners.set(name, all.filter((_, index) => index !== at));
    return this;
  }
  prependListener(name, listener) {
    this.#listeners.set(name, [listener, ...this.listeners(name)]);
    return this;
  }
  emit(name, ...values) {
    const all = this.listeners(name);
    if (!all.length && name === "error") throw values[0] instanceof Error ? values[0] : new Error(`Unhandled error: ${values[0]}`);
    for (const listener of all) listener.apply(this, values);
    return all.length > 0;
  }
  listeners(name) {
    return this.#listeners.get(name) ?? [];
  }
  listenerCount(name) {
    return this.listeners(name).length;
  }
  eventNames() {
    return [...this.#listeners.keys()].filter((name) => this.listenerCount(name));
  }
  removeAllListeners(name) {
    if (name === undefined) this.#listeners.clear();
    else this.#listeners.delete(name);
    return this;
  }
  setMaxListeners() {
    return this;
  }
  getMaxListeners() {
    return 0;
  }
}
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.removeListener = EventEmitter.prototype.off;
EventEmitter.EventEmitter = EventEmitter;

/** The next event of this name. */
export const once = (emitter, name) =>
  new Promise((resolve, reject) => {
    emitter.once(name, (...values) => resolve(values));
    if (name !== "error") emitter.once("error", reject);
  });
EventEmitter.once = once;
export default EventEmitter;
