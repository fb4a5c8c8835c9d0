// The app's own dependencies, by the package manager whose lock file it has.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { detail, execute, step } from "./say.mjs";

const { CNB_LAYERS_DIR: layers, PAAS_CACHE_DIR: cache, PAAS_TOOLCHAIN_DIR: toolchain, PAAS_FETCH_INPUTS: inputs } = process.env;
const SAME = "They are the same as in the build before";
const program = (path) => [process.execPath, join(toolchain, "node_modules", path)];
const read = (name) => (existsSync(name) ? readFileSync(name, "utf8") : "");

const NPM = {
  name: "npm",
  locks: ["package-lock.json", "npm-shrinkwrap.json"],
  run: ["npm"],
  args: (locked, dev) => [locked ? "ci" : "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", ...(dev ? [] : ["--omit=dev"])],
};
const PNPM = {
  name: "pnpm",
  locks: ["pnpm-lock.yaml"],
  run: program("pnpm/bin/pnpm.cjs"),
  args: (_, dev) => ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only", "--loglevel=error", `--store-dir=${join(cache, "pnpm")}`, ...(dev ? [] : ["--prod"])],
};
const YARN = {
  name: "yarn",
  locks: ["yarn.lock"],
  run: program("yarn/bin/yarn.js"),
  args: (_, dev) => ["install", "--frozen-lockfile", "--non-interactive", "--silent", "--prefer-offline", `--cache-folder=${join(cache, "yarn")}`, ...(dev ? [] : ["--production"])],
};
/** Yarn since version 2, whose lock file has another form; it installs devDependencies, too. */
const BERRY = { ...YARN, run: program("@yarnpkg/cli-dist/bin/yarn.js"), args: () => ["install", "--immutable"] };

function manager() {
  if (NPM.locks.some((name) => existsSync(name))) return NPM;
  if (existsSync("pnpm-lock.yaml")) return PNPM;
  if (existsSync("yarn.lock")) return /^__metadata:/m.test(read("yarn.lock")) ? BERRY : YARN;
  return NPM;
}

/** Installs what package.json names. Install scripts do not run, unless .npmrc says `ignore-scripts=false`: what they build is mostly native code, which cannot run here. */
export async function install(manifest, { dev }) {
  const wanted = { ...manifest.dependencies, ...manifest.optionalDependencies, ...(dev && manifest.devDependencies) };
  if (!Object.keys(wanted).length) return;
  const tool = manager();
  const lock = tool.locks.find((name) => existsSync(name));
  console.log(installing(tool));
  if (!lock) detail("There is no lock file: versions are chosen by package.json, now. Commit one to pin them.");
  const scripts = /^\s*ignore-scripts\s*=\s*false\s*$/m.test(read(".npmrc"));
  const args = [...tool.args(lock, dev), ...(scripts || tool === BERRY ? [] : ["--ignore-scripts"])];
  const here = manifest.workspaces || Object.values(wanted).some((version) => /^(?:file|link|portal|workspace|patch):/.test(version));
  if (here) return execute(tool.run[0], [...tool.run.slice(1), ...args], { env: environment(scripts), name: `${tool.name} ${args[0]}` });
  await installInCache(tool, lock, args, scripts);
}

const installing = (tool) => `-----> Installing dependencies with ${tool.name}`;

/** The same dependencies as in the build before are there already; others are installed in the cache's folder, so that they stay. */
async function installInCache(tool, lock, args, scripts) {
  const folder = join(cache, "dependencies");
  const files = ["package.json", lock, ".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"].filter((name) => name && existsSync(name));
  const { dependencies, optionalDependencies, devDependencies, overrides, resolutions, pnpm } = JSON.parse(read("package.json"));
  const hash = createHash("sha256").update(JSON.stringify([process.version, args, dependencies, optionalDependencies, devDependencies, overrides, resolutions, pnpm]));
  for (const name of files.slice(1)) hash.update(`${name}\n${read(name)}\n`);
  const key = hash.digest("hex");
  if (read(join(folder, "key")) === key) {
    detail(SAME);
  } else {
    // First what says that the rest is whole.
    for (const name of ["inputs", "key", "."]) rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const name of files) copyFileSync(name, join(folder, name));
    await execute(tool.run[0], [...tool.run.slice(1), ...args], { env: environment(scripts), cwd: folder, name: `${tool.name} ${args[0]}` });
    writeFileSync(join(folder, "key"), key);
  }
  // Without one in the source, the lock file that npm has made says what there is.
  const made = join(folder, "package-lock.json");
  if (!lock && tool === NPM && existsSync(made)) copyFileSync(made, join(layers, "package-lock.json"));
  // For bin/fetch of the next build: what it then need not ask, and says in its place.
  if (lock) writeFileSync(join(folder, "inputs"), `${inputs}\n${installing(tool)}\n       ${SAME}\n`);
  rmSync("node_modules", { recursive: true, force: true });
  if (existsSync(join(folder, "node_modules"))) symlinkSync(join(folder, "node_modules"), "node_modules");
}

export async function runBuildScript(name) {
  step(`Running the ${name} script`);
  await execute("npm", ["run", name, "--loglevel=error"], { env: environment(true), name: `npm run ${name}` });
}

/** Config vars are for package managers and build scripts (tokens of private registries); they do not get into the bundle. */
function environment(scripts) {
  const registry = process.env.npm_config_registry ?? /^registry\s*=\s*(\S+)/m.exec(read(join(process.env.HOME ?? "", ".npmrc")))?.[1];
  return {
    ...configVars(),
    ...process.env,
    // Scripts may call the other managers.
    PATH: `${join(toolchain, "node_modules", ".bin")}:${process.env.PATH}`,
    npm_config_cache: join(cache, "npm"),
    npm_config_update_notifier: "false",
    npm_config_manage_package_manager_versions: "false",
    ...(registry && { YARN_REGISTRY: registry, YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, "") }),
    YARN_ENABLE_SCRIPTS: String(scripts),
    YARN_ENABLE_TELEMETRY: "0",
    YARN_GLOBAL_FOLDER: join(cache, "berry"),
    YARN_IGNORE_PATH: "1",
    YARN_NODE_LINKER: "node-modules",
  };
}

function configVars() {
  const folder = join(process.env.CNB_PLATFORM_DIR ?? "", "env");
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
