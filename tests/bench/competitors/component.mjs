// Makes a component of hello.js for `wasmtime serve`: node component.mjs WORK_FOLDER OUT, in the folder that holds node_modules.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { componentize } from "@bytecodealliance/componentize-js";

// StarlingMonkey 0.23 was built against exactly this version; jco's files say 0.2.12.
const WIT_VERSION = "0.2.10";
const [work, out] = process.argv.slice(2).map((path) => resolve(path));

const packages = "node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12";
for (const name of await readdir(packages)) {
  const text = await readFile(join(packages, name, "package.wit"), "utf8");
  await mkdir(join(work, "deps", name), { recursive: true });
  await writeFile(join(work, "deps", name, "package.wit"), text.replaceAll("@0.2.12", "@" + WIT_VERSION));
}
// The world of the platform's own engine, without what only the platform offers.
const world = (await readFile("world.wit", "utf8")).replace(/^ *import paas:.*\n/gm, "");
await writeFile(join(work, "world.wit"), world);
const { component } = await componentize(await readFile("hello.js", "utf8"), { sourceName: "hello.js", witPath: work, worldName: "app" });
await writeFile(out, component);
