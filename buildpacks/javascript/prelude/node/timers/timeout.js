// A timer as Node gives it: an object.
export class Timeout {
  #start;
  #clear;
  constructor(set, clear, callback, delay, values) {
    this.#clear = clear;
    this.#start = () => (this.id = set(callback, delay, ...values));
    this.#start();
  }
  refresh() {
    this.#clear(this.id);
    this.#start();
    return this;
  }
  close() {
    this.#clear(this.id);
    return this;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return true;
  }
  [Symbol.toPrimitive]() {
    return this.id;
  }
}
