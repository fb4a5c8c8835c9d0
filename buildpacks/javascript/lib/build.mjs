// Source → slug: the bundle, the engine that it names, and the files that the app reads; or the site that a build script made.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { bundle, bundleProgram } from "./bundle.mjs";
import { buildScript, findEntry, readPackage } from "./entry.mjs";
import { copyFiles } from "./files.mjs";
import { runBuildScript } from "./npm.mjs";
import { findRelease } from "./procfile.mjs";
import { refuse, run, step } from "./say.mjs";
import { findSite, writeSite } from "./site.mjs";
import { toolchainTable } from "./versions.mjs";

const { PAAS_SLUG_DIR: slug, PAAS_TOOLCHAIN_DIR: toolchain } = process.env;
const ENGINE = ["engine.wasm", "initializer.js", "engine.json"];
/** A bundle's two modules: the app's own files, and what they stand on. */
const WEB = ["main.js", "ground.js"];
const RELEASE = ["release.js", "release-ground.js"];
const write = ([main, ground], bundle) => [writeFile(`${slug}/${main}`, bundle.code), writeFile(`${slug}/${ground}`, bundle.ground)];
const launch = (type, file, ground) => `[processes.${type}]
kind = "javascript"
file = "${file}"
ground = "${ground}"
engine = "engine"

`;

run(async () => {
  const manifest = readPackage(".") ?? {};
  const script = buildScript(manifest);
  if (script) await runBuildScript(script);
  const { file, missing, declared, lost } = findEntry(".", manifest);
  const site = script && !declared && findSite();
  if (site) return writeSite(site, slug);
  if (!file || lost) {
    refuse(missing
      ? `${missing} does not exist, but package.json or the Procfile starts it. Commit it, or name another file.`
      : 'Found no file to start. Name it in package.json ("main": "src/index.js"), or call it index.js.');
  }
  step(`Bundling ${file}`);
  const dependencies = Object.keys(manifest.dependencies ?? {});
  const release = findRelease(".", manifest);
  const app = await bundle(process.cwd(), file, toolchain, dependencies);
  await mkdir(`${slug}/engine`, { recursive: true });
  const program = release && (await bundleRelease(release, dependencies));
  await Promise.all([
    ...write(WEB, app),
    ...(program ? write(RELEASE, program) : []),
    ...ENGINE.map((name) => cp(`${toolchain}/engine/${name}`, `${slug}/engine/${name}`)),
  ]);
  const readers = [app, program].filter((one) => one?.files);
  for (const { packages } of readers) copyFiles(process.cwd(), `${slug}/app`, packages);
  const processes = launch("web", ...WEB) + (program ? launch("release", ...RELEASE) : "");
  await writeFile(`${slug}/slug.toml`, (readers.length ? 'files = "app"\n\n' : "") + processes + toolchainTable({ engine: true }));
});

async function bundleRelease(release, dependencies) {
  step(`Bundling ${release.file} for the release command`);
  return bundleProgram(process.cwd(), release, toolchain, dependencies);
}
