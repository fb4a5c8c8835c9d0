// A ground from one build to the next, in the app's own cache.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NODE, PRELUDE } from "./attempt.mjs";
import { packageOf } from "./wants.mjs";

/** What package managers write about where they have put what. */
const LAID = ["package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "node_modules/.package-lock.json", "node_modules/.yarn-integrity", "node_modules/.yarn-state.yml", "node_modules/.modules.yaml"];

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The file has a line of JSON, and the module's text below it. */
export class Keeper {
  #file;
  #key;
  constructor({ toolchain, folder, words }, kind) {
    const cache = process.env.PAAS_CACHE_DIR;
    this.#file = cache && join(cache, `ground-${words ? "program" : kind === NODE ? "node" : "web"}`);
    const hash = createHash("sha256").update(JSON.stringify([process.version, folder, toolchain]));
    const makers = readdirSync(HERE).sort().map((name) => join(HERE, name));
    for (const path of [...makers, ...LAID.map((name) => join(folder, name))]) hash.update(existsSync(path) ? readFileSync(path) : "-");
    this.#key = hash.digest("hex");
  }

  /** The one of the build before, if all that it was made of is as it was. */
  kept() {
    try {
      const whole = readFileSync(this.#file, "utf8");
      const end = whole.indexOf("\n");
      const { key, files, ground } = JSON.parse(whole.slice(0, end));
      if (key !== this.#key || files.some(({ path, hash, state }) => stateOf(path) !== state && hashOf(path) !== hash)) return undefined;
      ground.text = whole.slice(end + 1);
      // Files that were written again, or moved, are the same to the next build without a look into them.
      if (files.some(({ path, state }) => stateOf(path) !== state)) this.keep(ground);
      return ground;
    } catch {
      return undefined;
    }
  }

  keep({ text, ...ground }) {
    if (!this.#file) return;
    const manifests = ground.modules.map((path) => packageOf(path) + "package.json");
    const paths = new Set([...ground.modules, ...ground.refused, ...manifests, ...ground.prelude.map((name) => join(PRELUDE, name))]);
    const files = [...paths].filter((path) => existsSync(path)).map((path) => ({ path, hash: hashOf(path), state: stateOf(path) }));
    writeFileSync(`${this.#file}.new`, `${JSON.stringify({ key: this.#key, files, ground })}\n${text}`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

const hashOf = (path) => createHash("sha256").update(readFileSync(path)).digest("base64");

/** Changes with each change of a file, whoever makes it. */
function stateOf(path) {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join();
}
