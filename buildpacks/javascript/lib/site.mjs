// A site that a build script made: files for the static path, compressed once so that no request has to.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { detail, refuse, step } from "./say.mjs";
import { toolchainTable } from "./versions.mjs";

/** Where builders leave a site: Vite and Astro, Create React App and SvelteKit, Next's export and Nuxt, Eleventy and Jekyll, Gatsby. */
const FOLDERS = ["dist", "build", "out", ".output/public", "_site", "public"];
const TEXT = /\.(?:html?|css|m?js|json|map|svg|xml|txt|md|csv|wasm|ico|ttf|otf|webmanifest)$/;
const SMALLEST_TEXT_BYTES = 1024;

/** `{ root, fallback }`, or undefined if there is none. static.json may say where it is and whether unknown paths answer with index.html. */
export function findSite() {
  const settings = readSettings();
  const root = settings.root ?? FOLDERS.find((folder) => existsSync(join(folder, "index.html")));
  if (!root || !existsSync(join(root, "index.html"))) return undefined;
  // One page and none for errors: the page has a router of its own.
  const single = !existsSync(join(root, "404.html")) && readdirSync(root).filter((name) => name.endsWith(".html")).length === 1;
  return { root, fallback: settings.fallback ?? (single && !hasPages(root)) };
}

/** Whether other folders have pages, as sites of many pages do. */
const hasPages = (root) => readdirSync(root, { withFileTypes: true }).some((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "index.html")));

function readSettings() {
  if (!existsSync("static.json")) return {};
  try {
    return JSON.parse(readFileSync("static.json", "utf8"));
  } catch (error) {
    refuse(`static.json is not valid JSON: ${error.message}. Correct it and push again.`);
  }
}

/** Fills the slug. */
export function writeSite({ root, fallback }, slug) {
  step(`Collecting the site in ${root}`);
  const target = join(slug, "public");
  // What begins with a dot was not meant for visitors, but for the addresses of RFC 8615.
  cpSync(root, target, { recursive: true, filter: (path) => path === root || !basename(path).startsWith(".") || basename(path) === ".well-known" });
  const files = list(target);
  files.filter((path) => TEXT.test(path) && statSync(path).size >= SMALLEST_TEXT_BYTES).forEach(compress);
  detail(`Serving ${files.length} files${fallback ? "; unknown paths answer with index.html" : ""}`);
  writeFileSync(join(slug, "slug.toml"), `[processes.web]\nkind = "static"\nroot = "public"\nfallback = ${Boolean(fallback)}\n${toolchainTable({ engine: false })}`);
}

function list(folder) {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? list(path) : [path];
  });
}

/** A compressed file that saves nothing only takes place. */
function compress(path) {
  const text = readFileSync(path);
  for (const [suffix, bytes] of [["gz", gzipSync(text, { level: 9 })], ["br", brotliCompressSync(text)]]) {
    if (bytes.length < text.length) writeFileSync(`${path}.${suffix}`, bytes);
  }
}
