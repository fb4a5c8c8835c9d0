// node:perf_hooks.
export const { performance } = globalThis;
export class PerformanceObserver {
  static supportedEntryTypes = [];
  observe() {}
  disconnect() {}
}
export const monitorEventLoopDelay = () => ({ enable() {}, disable() {}, reset() {}, percentile: () => 0, min: 0, max: 0, mean: 0, stddev: 0 });
export const createHistogram = monitorEventLoopDelay;
export const constants = {};
