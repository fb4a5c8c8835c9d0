// Ours: a package.json (of a page only if it has a build script), or one script that is clearly a server's and not a page's.
import { existsSync } from "node:fs";
import { buildScript, findEntry, readPackage } from "./entry.mjs";
import { run } from "./say.mjs";

run(() => {
  const manifest = readPackage(".");
  const entry = findEntry(".", manifest ?? {}).file;
  const page = existsSync("index.html") || existsSync("public/index.html");
  const ours = manifest ? entry || buildScript(manifest) || !page : entry && !page;
  process.exitCode = ours ? 0 : 100;
});
