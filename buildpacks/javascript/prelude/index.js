// What apps expect of their surroundings and the engine does not bring. Runs first in every app's boot.
import "./stack.js";
import "./console.js";
import "./process.js";
import "./late.js";
import "./timers.js";
import "./performance.js";
import "./response.js";
import "./events.js";
import "./web.js";
import "./streams.js";

export { boot } from "./serve.js";
