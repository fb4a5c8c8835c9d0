// The app's own dependencies.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { detail, execute, step } from "./say.mjs";

/** Installs what package.json names. Install scripts do not run: what they build is native code, which cannot run in WebAssembly. */
export async function install(manifest, { dev }) {
  const wanted = { ...manifest.dependencies, ...manifest.optionalDependencies, ...(dev && manifest.devDependencies) };
  if (!Object.keys(wanted).length) return;
  step("Installing dependencies");
  const locked = existsSync("package-lock.json") || existsSync("npm-shrinkwrap.json");
  const other = ["pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"].find((name) => existsSync(name));
  if (!locked && other) detail(`${other} is not read: npm chooses versions by package.json. Commit a package-lock.json to pin them.`);
  await npm([locked ? "ci" : "install", "--no-update-notifier", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", ...(dev ? [] : ["--omit=dev"])]);
}

export async function runBuildScript() {
  step("Running the build script");
  await npm(["run", "build"]);
}

function npm(args) {
  const cache = ["--cache", join(process.env.PAAS_CACHE_DIR, "npm")];
  return execute("npm", [...args, "--loglevel=error", ...cache], { env: { ...configVars(), ...process.env, npm_config_update_notifier: "false" } });
}

/** Config vars are for npm and build scripts (tokens of private registries); they do not get into the bundle. */
function configVars() {
  const folder = join(process.env.CNB_PLATFORM_DIR ?? "", "env");
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
