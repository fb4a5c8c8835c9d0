// node:diagnostics_channel.
const channels = new Map();

export class Channel {
  #listeners = new Set();
  constructor(name) {
    this.name = name;
  }
  get hasSubscribers() {
    return this.#listeners.size > 0;
  }
  subscribe(listener) {
    this.#listeners.add(listener);
  }
  unsubscribe(listener) {
    return this.#listeners.delete(listener);
  }
  publish(message) {
    for (const listener of this.#listeners) listener(message, this.name);
  }
  runStores(message, callback, receiver, ...values) {
    this.publish(message);
    return callback.apply(receiver, values);
  }
  bindStore() {}
  unbindStore() {}
}

export function channel(name) {
  if (!channels.has(name)) channels.set(name, new Channel(name));
  return channels.get(name);
}
export const hasSubscribers = (name) => channel(name).hasSubscribers;
export const subscribe = (name, listener) => channel(name).subscribe(listener);
export const unsubscribe = (name, listener) => channel(name).unsubscribe(listener);

const STEPS = ["start", "end", "asyncStart", "asyncEnd", "error"];

export class TracingChannel {
  constructor(names) {
    for (const step of STEPS) this[step] = typeof names === "string" ? channel(`tracing:${names}:${step}`) : names[step];
  }
  get hasSubscribers() {
    return STEPS.some((step) => this[step].hasSubscribers);
  }
  subscribe(listeners) {
    for (const step of STEPS) if (listeners[step]) this[step].subscribe(listeners[step]);
  }
  unsubscribe(listeners) {
    return STEPS.every((step) => !listeners[step] || this[step].unsubscribe(listeners[step]));
  }
  traceSync(callback, context = {}, receiver, ...values) {
    this.start.publish(context);
    try {
      return (context.result = callback.apply(receiver, values));
    } catch (error) {
      this.error.publish(Object.assign(context, { error }));
      throw error;
    } finally {
      this.end.publish(context);
    }
  }
  tracePromise(callback, context = {}, receiver, ...values) {
    const settled = (result) => {
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      return result;
    };
    return Promise.resolve(this.traceSync(callback, context, receiver, ...values)).finally(settled);
  }
  traceCallback(callback, _position, _context, receiver, ...values) {
    return callback.apply(receiver, values);
  }
}
export const tracingChannel = (names) => new TracingChannel(names);
