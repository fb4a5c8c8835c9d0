// node:module: `require` for names that are known only at run time.
import { requireFrom } from "../require.js";
export const builtinModules = ["assert", "buffer", "crypto", "events", "fs", "http", "https", "net", "os", "path", "process", "querystring", "stream", "string_decoder", "timers", "url", "util", "zlib"];
export const isBuiltin = (name) => name.startsWith("node:") || builtinModules.includes(name);
export const createRequire = (place) => requireFrom(String(place).replace(/^file:\/\//, "").replace(/[^/]*$/, ""));
export const syncBuiltinESMExports = () => {};
export const findSourceMap = () => undefined;
export default Object.assign(function Module() {}, { builtinModules, isBuiltin, createRequire, syncBuiltinESMExports, findSourceMap, _resolveFilename: (name) => name, _extensions: {} });
