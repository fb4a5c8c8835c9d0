// The step of a build that reaches the registry: it installs what package.json names.
import { buildScript, readPackage } from "./entry.mjs";
import { install } from "./npm.mjs";
import { run } from "./say.mjs";

run(async () => {
  const manifest = readPackage(".") ?? {};
  await install(manifest, { dev: Boolean(buildScript(manifest)) });
});
