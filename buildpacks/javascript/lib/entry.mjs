// Which file an app begins with.
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { refuse } from "./say.mjs";

const NAMES = ["index", "server", "app", "main", "worker", "src/index", "src/server", "src/app", "src/main", "src/worker"];
const EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx", ".cjs"];
/** `node --flag server.js`, and other runtimes' ways to say so; some flags have a value. */
const START =
  /(?:^|[\s;&])(?:node|bun(?: run)?|tsx|ts-node|deno (?:run|serve))\s+(?:(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file)\s+[^\s-]\S*\s+|-\S+\s+)*([^\s;&|-][^\s;&|]*)/;

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

/**
 * `file`: the entry, if there is one, and whether it is `declared` to be that. `missing`: what a command starts, or else a package names, that does not exist.
 * `lost`: a command starts it, so that no other file can be meant.
 */
export function findEntry(folder, manifest) {
  const [started] = commands(folder, manifest);
  const declared = [started, ...named(folder, manifest)].filter(Boolean);
  const find = (names) => names.map((name) => existing(folder, name)).find(Boolean);
  const file = find(started ? [started] : declared);
  if (file) return { file, declared: true };
  return { file: find([...declared, ...NAMES]), missing: declared[0], declared: false, lost: Boolean(started) };
}

/** What the Procfile, or else package.json, starts. */
function commands(folder, manifest) {
  const procfile = /^\s*web\s*:(.*)$/m.exec(read(folder, "Procfile"))?.[1].trim() ?? "";
  const alone = EXTENSIONS.some((extension) => procfile.endsWith(extension)) && !procfile.includes(" ") ? procfile : undefined;
  return [START.exec(procfile)?.[1], alone, START.exec(manifest.scripts?.start ?? "")?.[1]].filter(Boolean);
}

/** What other files say that the app begins with. */
function named(folder, manifest) {
  return [/^\s*main\s*=\s*"([^"]+)"/m.exec(read(folder, "wrangler.toml"))?.[1], exported(manifest.exports), manifest.module, manifest.main];
}

const read = (folder, name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");

/** The file behind `exports`, in its plain forms. */
function exported(exports) {
  if (typeof exports === "string") return exports;
  if (!exports || typeof exports !== "object") return undefined;
  const inner = exports["."] ?? exports.workerd ?? exports.worker ?? exports.import ?? exports.default;
  return inner === exports ? undefined : exported(inner);
}

/** The file that is meant by a name with or without its ending; `bin/www` has none. */
export function existing(folder, name) {
  const candidates = [name, ...EXTENSIONS.map((extension) => name + extension), ...EXTENSIONS.map((extension) => join(name, "index" + extension))];
  const script = (path) => EXTENSIONS.some((extension) => path.endsWith(extension)) || (path === name && name.includes("/") && !extname(name));
  const found = candidates.find((path) => script(path) && isFile(join(folder, path)));
  return found && normalize(found);
}

const isFile = (path) => existsSync(path) && statSync(path).isFile();
