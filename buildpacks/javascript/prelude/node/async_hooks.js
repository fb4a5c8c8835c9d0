// An instance answers one request, so a store may stand until what `run` called has settled.
export class AsyncLocalStorage {
  #store;

  run(store, callback, ...values) {
    const before = this.#store;
    const restore = () => (this.#store = before);
    this.#store = store;
    let result;
    try {
      result = callback(...values);
    } catch (error) {
      restore();
      throw error;
    }
    if (typeof result?.then !== "function") restore();
    else Promise.resolve(result).then(restore, restore);
    return result;
  }
  exit(callback, ...values) {
    return this.run(undefined, callback, ...values);
  }
  getStore() {
    return this.#store;
  }
  enterWith(store) {
    this.#store = store;
  }
  disable() {
    this.#store = undefined;
  }
  static bind(callback) {
    return callback;
  }
  static snapshot() {
    return (callback, ...values) => callback(...values);
  }
}

export class AsyncResource {
  runInAsyncScope(callback, receiver, ...values) {
    return callback.apply(receiver, values);
  }
  emitDestroy() {
    return this;
  }
  bind(callback) {
    return callback;
  }
  asyncId() {
    return 1;
  }
  triggerAsyncId() {
    return 0;
  }
  static bind(callback) {
    return callback;
  }
}

export const createHook = () => ({ enable() {}, disable() {} });
export const executionAsyncId = () => 1;
export const triggerAsyncId = () => 0;
export const executionAsyncResource = () => ({});
