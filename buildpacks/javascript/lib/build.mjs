// Source → slug: one bundled module, the engine that it names, and the files that the app reads; or the site that a build script made.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { bundle } from "./bundle.mjs";
import { buildScript, findEntry, readPackage } from "./entry.mjs";
import { copyFiles } from "./files.mjs";
import { install, runBuildScript } from "./npm.mjs";
import { refuse, run, step } from "./say.mjs";
import { findSite, writeSite } from "./site.mjs";

const { PAAS_SLUG_DIR: slug, PAAS_TOOLCHAIN_DIR: toolchain } = process.env;
const ENGINE = ["engine.wasm", "initializer.js", "engine.json"];
const PROCESS = `[processes.web]
kind = "javascript"
file = "app.js"
engine = "engine"
`;

run(async () => {
  const manifest = readPackage(".") ?? {};
  const script = buildScript(manifest);
  await install(manifest, { dev: Boolean(script) });
  if (script) await runBuildScript(script);
  const { file, missing, declared } = findEntry(".", manifest);
  const site = script && !declared && findSite();
  if (site) return writeSite(site, slug);
  if (!file) {
    refuse(missing
      ? `${missing} does not exist, but package.json or the Procfile starts it. Commit it, or name another file.`
      : 'Found no file to start. Name it in package.json ("main": "src/index.js"), or call it index.js.');
  }
  step(`Bundling ${file}`);
  const { code, packages, files } = await bundle(process.cwd(), file, toolchain, Object.keys(manifest.dependencies ?? {}));
  await mkdir(`${slug}/engine`, { recursive: true });
  await writeFile(`${slug}/app.js`, code);
  for (const name of ENGINE) await cp(`${toolchain}/engine/${name}`, `${slug}/engine/${name}`);
  if (files) copyFiles(process.cwd(), `${slug}/app`, packages);
  await writeFile(`${slug}/slug.toml`, (files ? 'files = "app"\n\n' : "") + PROCESS);
});
