// node:worker_threads: there is the main thread, and no other.
export const isMainThread = true;
export const threadId = 0;
export const parentPort = null;
export const workerData = null;
export const resourceLimits = {};
export const SHARE_ENV = Symbol("SHARE_ENV");
export const markAsUntransferable = () => {};
export const getEnvironmentData = () => undefined;
export const setEnvironmentData = () => {};
export const { MessageChannel, MessagePort, BroadcastChannel } = globalThis;
export class Worker {
  constructor() {
    throw new Error("worker_threads.Worker: an app on this platform has one thread");
  }
}
