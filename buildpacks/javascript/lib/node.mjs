// Node's own modules, for esbuild: ours, those of pinned packages, and for the rest a stand-in that throws when it is used.
import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";

const UNENV = ["assert", "buffer", "constants", "punycode", "querystring", "readline", "readline/promises", "tty", "v8"];
/** Modules that packages of the toolchain bring. */
const PACKAGES = {
  stream: "readable-stream/lib/stream.js",
  string_decoder: "string_decoder/lib/string_decoder.js",
  path: "path-browserify/index.js",
  "path/posix": "path-browserify/index.js",
  ...Object.fromEntries(UNENV.map((name) => [name, `unenv/dist/runtime/node/${name}.mjs`])),
};
const ALIASES = { "assert/strict": "assert", sys: "util", "process/": "process" };
const NAMES = [...builtinModules.filter((name) => !name.startsWith("_")), ...Object.keys(ALIASES)];
const BUILTIN = new RegExp(`^(?:node:.+|${NAMES.join("|")})$`);
export const isBuiltin = (name) => BUILTIN.test(name);

/** `prelude`: the folder with our modules. `toolchain`: the folder with the packages. `missing`: is told which module is imported where and does not exist. */
export function nodeModules({ prelude, toolchain, missing }) {
  const find = finder(prelude, toolchain);
  return {
    name: "node",
    setup(build) {
      build.onResolve({ filter: BUILTIN }, async (request) => {
        if (request.pluginData === "node") return undefined;
        const name = ALIASES[request.path] ?? request.path.replace(/^node:/, "");
        const found = find(ALIASES[name] ?? name);
        if (found) return { sideEffects: false, ...form(name, found, request.kind) };
        return (await installed(build, request)) ?? standIn(name, request, missing);
      });
      // What the prelude imports of the toolchain, whatever the app has installed.
      build.onResolve({ filter: /^toolchain:/ }, ({ path, importer, kind }) => build.resolve(path.slice("toolchain:".length), { resolveDir: toolchain, kind, importer }));
      const load = (namespace, contents) =>
        build.onLoad({ filter: /.*/, namespace }, ({ path, pluginData }) => ({ contents: contents(JSON.stringify(pluginData ?? path)), resolveDir: prelude }));
      load("node-default", (file) => `export * from ${file};\nimport * as all from ${file};\nexport default { ...all };`);
      load("node-require", (file) => `module.exports = require(${file}).default;`);
      load("node-require-all", (file) => `module.exports = { ...require(${file}) };`);
      load("node-missing", (name) => `module.exports = require(${JSON.stringify(join(prelude, "missing.js"))}).missing(${name});`);
    },
  };
}

/** A module's file, and how it exports. */
function finder(prelude, toolchain) {
  const found = new Map();
  const look = (name) => {
    const own = join(prelude, "node", `${name.replace("/", "-")}.js`);
    const file = existsSync(own) ? own : PACKAGES[name] && join(toolchain, "node_modules", PACKAGES[name]);
    if (!file) return undefined;
    const text = readFileSync(file, "utf8");
    return { file, script: !/^export /m.test(text), named: !/^export default|\bas default\b/m.test(text) };
  };
  return (name) => found.get(name) ?? found.set(name, look(name)).get(name);
}

/** Node's modules have a default export, and `require` gives just that; ours only name what they export. */
function form(name, { file, script, named }, kind) {
  const wrapped = (namespace) => ({ path: name, namespace, pluginData: file });
  if (script) return { path: file };
  if (kind === "require-call") return wrapped(named ? "node-require-all" : "node-require");
  return named ? wrapped("node-default") : { path: file };
}

/** A package of the same name (`punycode`, `buffer`) is as good. */
async function installed(build, { path, resolveDir, kind, importer }) {
  if (path.startsWith("node:")) return undefined;
  const found = await build.resolve(path, { resolveDir, kind, importer, pluginData: "node" });
  return found.errors.length ? undefined : found;
}

function standIn(name, { importer }, missing) {
  missing(name, importer);
  return { path: name, namespace: "node-missing" };
}
