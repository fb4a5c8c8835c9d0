// What the engine lacks because it was built without Unicode's tables, put in front of the bundles that use it: Intl, and the normal forms of texts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localeData, named, wantsLocales } from "./locales.mjs";

/** A method of a text, and not one of the many that tidy a path. */
const NORMALIZES = /\.normalize\(\s*(?:["'`]NF|\))/;

const FILE = "locales.json";
const keyOf = (names) => JSON.stringify([process.version, names]);
const keep = (folder, names) => {
  const data = JSON.stringify(localeData(names));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILE), `${keyOf(names)}\n${data}`);
  return data;
};

/** For bundlers to come: what most apps need, which name nothing. */
export const prepareLocales = (toolchain) => keep(toolchain, named([]));

/** Gathered by the toolchain, or by the build before, or now: asking Node takes longer than bundling. */
function dataOf(names, toolchain) {
  const cache = process.env.PAAS_CACHE_DIR;
  for (const folder of [toolchain, cache]) {
    const file = join(folder, FILE);
    const [key, data] = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    if (key === keyOf(names)) return data;
  }
  return keep(cache, names);
}

/** `{ code, locales, zones }`: a line to run first. `files` are the paths of the app's own. */
export async function supplements(code, files, prelude, toolchain, load) {
  const pieces = [];
  const made = wantsLocales(code) ? named(files.map((path) => readFileSync(path, "utf8"))) : undefined;
  if (made) pieces.push(`import { provide } from ${JSON.stringify(join(prelude, "intl/index.js"))};\nprovide(JSON.parse(${JSON.stringify(dataOf(made, toolchain))}));`);
  if (NORMALIZES.test(code)) pieces.push(`import ${JSON.stringify(join(prelude, "intl/normalize.js"))};`);
  if (!pieces.length) return { code: "" };
  const { outputFiles } = await load("esbuild").build({
    stdin: { contents: pieces.join("\n"), resolveDir: toolchain }, bundle: true, write: false, minify: true, format: "iife", target: "es2022", charset: "utf8", legalComments: "none", logLevel: "silent",
    alias: { unorm: join(toolchain, "node_modules/unorm/lib/unorm.js") },
  });
  return { ...made, code: outputFiles[0].text.replaceAll("\n", " ") };
}
