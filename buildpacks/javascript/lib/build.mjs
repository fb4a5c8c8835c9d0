// Source → slug: one bundled module, and the engine that it names.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { bundle } from "./bundle.mjs";
import { findEntry, readPackage } from "./entry.mjs";
import { install, runBuildScript } from "./npm.mjs";
import { refuse, run, step } from "./say.mjs";

const { PAAS_SLUG_DIR: slug, PAAS_TOOLCHAIN_DIR: toolchain } = process.env;
const ENGINE = ["engine.wasm", "initializer.js", "engine.json"];
const SLUG = `[processes.web]
kind = "javascript"
file = "app.js"
engine = "engine"
`;

run(async () => {
  const manifest = readPackage(".") ?? {};
  // A declared file that is not there is what a build script makes.
  const { missing } = findEntry(".", manifest);
  const builds = Boolean(missing && manifest.scripts?.build);
  await install(manifest, { dev: builds });
  if (builds) await runBuildScript();
  const { file } = findEntry(".", manifest);
  if (!file) {
    refuse(missing
      ? `${missing} does not exist, but package.json or the Procfile starts it. Commit it, or name another file.`
      : 'Found no file to start. Name it in package.json ("main": "src/index.js"), or call it index.js.');
  }
  step(`Bundling ${file}`);
  const code = await bundle(process.cwd(), file, toolchain);
  await mkdir(`${slug}/engine`, { recursive: true });
  await writeFile(`${slug}/app.js`, code);
  for (const name of ENGINE) await cp(`${toolchain}/engine/${name}`, `${slug}/engine/${name}`);
  await writeFile(`${slug}/slug.toml`, SLUG);
});
