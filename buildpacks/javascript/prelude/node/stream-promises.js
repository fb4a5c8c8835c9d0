export { finished, pipeline } from "toolchain:readable-stream/lib/stream/promises.js";
