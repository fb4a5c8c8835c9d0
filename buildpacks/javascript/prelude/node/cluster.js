// node:cluster: an app is one of many workers, which the platform starts.
export const isMaster = false;
export const isPrimary = false;
export const isWorker = true;
export const worker = { id: 1, process: globalThis.process, isConnected: () => true, on: () => worker, send: () => false };
export const workers = {};
export const on = () => {};
export const once = () => {};
