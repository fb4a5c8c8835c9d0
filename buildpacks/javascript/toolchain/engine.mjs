// Makes the engine that all JavaScript apps share: `node engine.mjs <folder with node_modules> <output folder>`.
//
// The engine is StarlingMonkey with the bindings of our one world spliced in, before it has booted any app.
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [root, output] = process.argv.slice(2);
const modules = join(root, "node_modules", "@bytecodealliance");
const load = (path) => import(pathToFileURL(join(modules, path)));
const { splicer } = await load("componentize-js/lib/spidermonkey-embedding-splicer.js");
const { componentNew } = await load("jco-transpile/dist/wasm-tools.js");

// StarlingMonkey 0.23 was built against exactly this version; jco's files say 0.2.12, which is a superset in name only.
const WIT_VERSION = "0.2.10";
const FEATURES = ["stdio", "random", "clocks", "http", "fetch-event"];

await mkdir(output, { recursive: true });
const wit = await gatherWit(join(output, "wit"));
const starling = await readFile(join(modules, "componentize-js/lib/starlingmonkey_embedding.wasm"));
const splice = (world) => splicer.spliceBindings(starling, FEATURES, undefined, wit, world, false);
const spliced = splice("app");
// The whole world's would bind all of WASI's HTTP to the language, too, which the engine does by itself: 200 KB of source that each app would parse and keep.
const bindings = splice("bindings");
if (bindings.imports.some(([, name], index) => name !== spliced.imports[index][1])) throw new Error("the bindings are not the first of the engine's imports");
const adapter = await readFile(join(modules, "jco/lib/wasi_snapshot_preview1.reactor.wasm"));
const core = renameExport(Buffer.from(spliced.wasm), "_initialize", "snap_initze");
const component = await componentNew(core, [["wasi_snapshot_preview1", adapter]]);

await writeFile(join(output, "engine.wasm"), component);
await writeFile(join(output, "initializer.js"), bindings.jsBindings);
await writeFile(join(output, "engine.json"), JSON.stringify({ versions: await versions(), boot: bootEnvironment(bindings) }, null, 1) + "\n");

/** Our world beside the WASI packages it names. */
async function gatherWit(folder) {
  const source = join(modules, "jco/lib/wit/builtin/0.2.12");
  for (const name of await readdir(source)) {
    const text = await readFile(join(source, name, "package.wit"), "utf8");
    await mkdir(join(folder, "deps", name), { recursive: true });
    await writeFile(join(folder, "deps", name, "package.wit"), text.replaceAll("@0.2.12", "@" + WIT_VERSION));
  }
  await mkdir(join(folder, "deps", "paas-app"), { recursive: true });
  await cp(new URL("paas-app.wit", import.meta.url), join(folder, "deps", "paas-app", "package.wit"));
  await cp(new URL("world.wit", import.meta.url), join(folder, "world.wit"));
  return folder;
}

/** An export named `_initialize` would be called at every instantiation; ours runs once, at boot. The name keeps its length, so no offset moves. */
function renameExport(wasm, from, to) {
  const needle = Buffer.concat([Buffer.from([from.length]), Buffer.from(from), Buffer.from([0])]);
  const at = wasm.indexOf(needle);
  if (at < 0 || wasm.indexOf(needle, at + 1) >= 0) throw new Error(`expected one export named ${from}`);
  wasm.write(to, at + 1);
  return wasm;
}

/** What the engine reads of its environment while it boots: the signatures of its bindings. */
function bootEnvironment({ exports, imports }) {
  const env = { DEBUG: "", SOURCE_NAME: "app.js", EXPORT_CNT: String(exports.length), FEATURE_CLOCKS: "1", IMPORT_CNT: String(imports.length) };
  exports.forEach(([name, signature], index) => {
    env[`EXPORT${index}_NAME`] = name;
    env[`EXPORT${index}_ARGS`] = (signature.paramptr ? "*" : "") + signature.params.join(",");
    env[`EXPORT${index}_RET`] = (signature.retptr ? "*" : "") + (signature.ret || "");
    env[`EXPORT${index}_RETSIZE`] = String(signature.retsize);
  });
  imports.forEach(([, name, count], index) => {
    env[`IMPORT${index}_NAME`] = name;
    env[`IMPORT${index}_ARGCNT`] = String(count);
  });
  return env;
}

async function versions() {
  const names = ["componentize-js", "jco"];
  const read = async (name) => [name, JSON.parse(await readFile(join(modules, name, "package.json"), "utf8")).version];
  return Object.fromEntries(await Promise.all(names.map(read)));
}
