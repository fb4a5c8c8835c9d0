export { finished, pipeline } from "readable-stream/lib/stream/promises.js";
