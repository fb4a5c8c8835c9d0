// Fetches the bundler and makes the engine that all JavaScript apps share.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { detail, execute, run, step } from "./say.mjs";
import { prepareLocales } from "./unicode.mjs";

const source = (name) => fileURLToPath(new URL(`../toolchain/${name}`, import.meta.url));
/** What apps are built with and of; the rest only makes the engine. */
const KEPT = [".bin", "acorn", "esbuild", "@esbuild", "pnpm", "yarn", "@yarnpkg", "abort-controller", "event-target-shim", "events", "@noble", "path-browserify", "readable-stream",
  "safe-buffer", "string_decoder", "unenv", "unorm", "regenerate", "regenerate-unicode-properties", "regexpu-core", "regjsgen", "regjsparser", "jsesc",
  "unicode-canonical-property-names-ecmascript", "unicode-match-property-ecmascript", "unicode-match-property-value-ecmascript",
  "unicode-property-aliases-ecmascript"];

run(async () => {
  const folder = process.env.PAAS_TOOLCHAIN_DIR;
  step("Installing the JavaScript toolchain (once on this node)");
  await mkdir(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) await cp(source(name), `${folder}/${name}`);
  await execute("npm", ["ci", "--no-update-notifier", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  detail("Making the engine");
  await execute(process.execPath, [source("engine.mjs"), folder, `${folder}/engine`]);
  prepareLocales(folder);
  for (const name of await readdir(`${folder}/node_modules`)) {
    if (!KEPT.includes(name)) await rm(`${folder}/node_modules/${name}`, { recursive: true });
  }
});
