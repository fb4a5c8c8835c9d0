// A clock that goes on from boot to request: the engine's own starts anew, and its `timeOrigin` aborts during a boot.
import { onFirstRequest } from "./boot.js";

let origin = Date.now();
onFirstRequest(() => (origin = Date.now()));
const none = () => undefined;

const performance = {
  now: () => Date.now() - origin,
  get timeOrigin() {
    return origin;
  },
  mark: none, measure: none, clearMarks: none, clearMeasures: none,
  getEntries: () => [], getEntriesByName: () => [], getEntriesByType: () => [],
  toJSON: () => ({ timeOrigin: origin }),
};
Object.defineProperty(globalThis, "performance", { value: performance, writable: true, configurable: true });
