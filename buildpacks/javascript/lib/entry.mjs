// Which file an app begins with.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { refuse } from "./say.mjs";

const NAMES = ["index", "server", "app", "main", "worker", "src/index", "src/server", "src/app", "src/main", "src/worker"];
const EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx", ".cjs"];
/** `node --flag server.js`, and other runtimes' ways to say so. */
const START = /(?:^|[\s;&])(?:node|bun(?: run)?|tsx|ts-node|deno (?:run|serve))\s+(?:-\S+\s+)*([^\s;&|-][^\s;&|]*)/;

/** package.json, or undefined if there is none. */
export function readPackage(folder) {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    refuse(`package.json is not valid JSON: ${error.message}. Correct it and push again.`);
  }
}

/** The script that makes what package.json starts, or the site. */
export const buildScript = ({ scripts = {} }) => ["heroku-postbuild", "build"].find((name) => scripts[name]);

/** `file`: the entry, if there is one, and whether it is `declared` to be that. `missing`: what is declared, if none of that exists. */
export function findEntry(folder, manifest) {
  const declared = declarations(folder, manifest);
  const find = (names) => names.map((name) => existing(folder, name)).find(Boolean);
  const file = find(declared);
  return file ? { file, declared: true } : { file: find(NAMES), missing: declared[0], declared: false };
}

function declarations(folder, manifest) {
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const procfile = /^web:(.*)$/m.exec(read("Procfile"))?.[1].trim();
  return [
    START.exec(procfile ?? "")?.[1],
    EXTENSIONS.some((extension) => procfile?.endsWith(extension)) && !procfile.includes(" ") ? procfile : undefined,
    START.exec(manifest.scripts?.start ?? "")?.[1],
    /^\s*main\s*=\s*"([^"]+)"/m.exec(read("wrangler.toml"))?.[1],
    exported(manifest.exports),
    manifest.module,
    manifest.main,
  ].filter(Boolean);
}

/** The file behind `exports`, in its plain forms. */
function exported(exports) {
  if (typeof exports === "string") return exports;
  if (!exports || typeof exports !== "object") return undefined;
  const inner = exports["."] ?? exports.workerd ?? exports.worker ?? exports.import ?? exports.default;
  return inner === exports ? undefined : exported(inner);
}

function existing(folder, name) {
  const candidates = [name, ...EXTENSIONS.map((extension) => name + extension), ...EXTENSIONS.map((extension) => join(name, "index" + extension))];
  const found = candidates.find((path) => EXTENSIONS.some((extension) => path.endsWith(extension)) && isFile(join(folder, path)));
  return found && normalize(found);
}

const isFile = (path) => existsSync(path) && statSync(path).isFile();
