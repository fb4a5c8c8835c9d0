// Has an app's own bundle stand on a ground.
import { extname } from "node:path";
import { isBuiltin } from "./node.mjs";
import { IMPORT, REQUIRE, importedParts, ofPlatform, packageOf } from "./wants.mjs";

/** An esbuild plugin: what the ground has comes from there, and what it could have is wanted of it. */
export const standing = (ground, wants) => ({
  name: "standing",
  setup(build) {
    const [modules, refused] = [new Set(ground.modules), new Set(ground.refused)];
    const packages = new Set(ground.modules.map(packageOf));
    const asked = Symbol("asked");
    const want = (name, namespace, { sideEffects }, parts) => {
      wants.add(name, parts);
      return { ...virtual(name, namespace), sideEffects };
    };
    // Files ask for their neighbours most of the time, which matters only inside of packages, if the ground has packages.
    build.onResolve({ filter: modules.size ? /./ : /^[^.]|node_modules/ }, async ({ path, pluginData, ...request }) => {
      if (pluginData !== undefined || request.with?.type || ["entry-point", "require-resolve"].includes(request.kind) || (request.namespace !== "file" && request.importer !== "paas:start")) return undefined;
      const neighbour = /^\.\.?(?:\/|$)/.test(path);
      if (neighbour && !path.includes("node_modules") && !packages.has(packageOf(request.importer))) return undefined;
      const found = await build.resolve(path, { ...request, pluginData: asked });
      if (found.errors.length || found.external) return undefined;
      if (isBuiltin(path) && (found.namespace.startsWith("node-") ? found.namespace !== "node-missing" : ofPlatform(found.path))) {
        const name = path.replace(/^node:/, "");
        return request.kind === "require-call" ? want(REQUIRE + name, "ground", found) : want(IMPORT + name, "ground-import", found);
      }
      if (found.namespace !== "file") return undefined;
      const stands = modules.has(found.path) || (!neighbour && !refused.has(found.path) && mayStand(found.path));
      const parts = found.sideEffects || neighbour ? undefined : importedParts(path, request);
      return stands ? want(found.path, ground.names[found.path] ? "ground-names" : "ground", found, parts) : undefined;
    });
    build.onLoad({ filter: /./, namespace: "ground" }, ({ pluginData: name }) => ({ contents: `module.exports = __paas_ground.get(${JSON.stringify(name)});` }));
    // Namespaces: their default is the module's own, whatever kind of file imports it. Who imports a name that a package does not have hears of it in the push.
    build.onResolve({ filter: /^ground:/ }, ({ path }) => virtual(path.slice("ground:".length), "ground"));
    const exported = (parts, name) => ({ contents: parts.map((part) => `export ${part} from ${JSON.stringify(`ground:${name}`)};`).join("\n") });
    build.onLoad({ filter: /./, namespace: "ground-import" }, ({ pluginData: name }) => exported(["*", "{ default }"], name));
    build.onLoad({ filter: /./, namespace: "ground-names" }, ({ pluginData: name }) => exported([`{ ${ground.names[name].join(", ")} }`], name));
  },
});

/** A module of ours. It is not to be taken for one of a kind that a file's ending could tell, such as `.mjs`. */
const virtual = (name, namespace) => ({ path: `${name}.js`, namespace, pluginData: name });

/** Whether a file can be in a ground, as far as its name tells. */
const mayStand = (path) => path.includes("/node_modules/") && [".js", ".cjs", ".mjs", ".json"].includes(extname(path));
