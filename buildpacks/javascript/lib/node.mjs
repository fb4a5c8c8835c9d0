// Node's own modules: a few exist here, the others are refused by name.
import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";

const LISTENERS = ["http", "https", "http2", "net", "tls", "dgram", "cluster"];
const LISTEN = `an app does not listen on a port here: the platform calls it for each request. Export a fetch handler instead:
    export default { fetch(request, env) { return new Response("hello"); } }
  (frameworks on fetch work: Hono, itty-router; Express, Koa and Fastify do not yet)`;
const OTHER = "it is not available in an app on this platform. Use the web's own (fetch, crypto.subtle, URL, streams), or a package that has a build for workers or browsers.";

/** An esbuild plugin; `prelude` is the folder with the modules that exist. */
export function nodeModules(prelude) {
  const names = builtinModules.filter((name) => !name.startsWith("_"));
  const filter = new RegExp(`^(?:node:.+|${names.join("|")})$`);
  return {
    name: "node",
    setup(build) {
      build.onResolve({ filter }, async (request) => {
        const name = request.path.replace(/^node:/, "");
        const file = join(prelude, "node", `${name.replace("/", "-")}.js`);
        if (existsSync(file)) return { path: file };
        return (await installed(build, request)) ?? missing(name, request);
      });
      build.onLoad({ filter: /.*/, namespace: "node-missing" }, ({ path }) => ({
        contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find module 'node:${path}': ${reason(path)}`)}), { code: "MODULE_NOT_FOUND" });`,
        loader: "js",
      }));
    },
  };
}

/** A package of the same name (`events`, `buffer`) is as good. */
async function installed(build, { path, resolveDir, kind, importer, pluginData }) {
  if (path.startsWith("node:") || pluginData === "node") return undefined;
  const found = await build.resolve(path, { resolveDir, kind, importer, pluginData: "node" });
  return found.errors.length ? undefined : found;
}

/** A package may try a module and do without; what is imported for sure is refused now. */
function missing(name, { kind, importer, pluginData }) {
  if (pluginData === "node") return undefined;
  const certain = kind === "import-statement" || !importer.includes("node_modules");
  if (!certain) return { path: name, namespace: "node-missing" };
  return { errors: [{ text: `Cannot use node:${name}: ${reason(name)}` }] };
}

const reason = (name) => (LISTENERS.includes(name.split("/")[0]) ? LISTEN : OTHER);
