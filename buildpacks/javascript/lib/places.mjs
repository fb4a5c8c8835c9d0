// Where a file says it is: `__dirname`, `__filename` and `import.meta` name places below /app, where the slug's files are at run time.
import { readFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";

const MENTIONS = /\b(?:__dirname|__filename|node_modules)\b|\bimport\.meta\b/;
const LOADERS = { "": "js", ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".jsx": "jsx", ".js": "js", ".mjs": "js", ".cjs": "js" };
const PACKAGE = /^.*?\/(node_modules\/(?:\.pnpm\/.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/;
const MENTIONED = /\bnode_modules["'`]?\s*[,/]\s*["'`]?((?:@[\w.-]+\/)?[\w-][\w.-]*)/g;

/** A file's path in the app. */
export const placeIn = (folder) => (path) => {
  const at = path.indexOf("/node_modules/");
  return at < 0 ? join("/app", relative(folder, path)) : `/app${path.slice(at)}`;
};

/** The packages whose files may be looked for: folder → place below /app. `whole` are the places of those that the app itself names. */
export class Packages {
  packages = new Map();
  whole = new Set();
  #folder;
  constructor(folder) {
    this.#folder = folder;
  }
  see(path, text) {
    const [folder, place] = PACKAGE.exec(path) ?? [];
    if (folder) return this.packages.set(folder, place);
    for (const [, name] of text.matchAll(MENTIONED)) {
      this.packages.set(join(this.#folder, "node_modules", name), `node_modules/${name}`);
      this.whole.add(`node_modules/${name}`);
    }
  }
}

/** An esbuild plugin. `program` makes of the text of a file that runs as a program, if this is one, what is to be bundled. */
export function places(place, packages, program = () => undefined) {
  return {
    name: "places",
    setup(build) {
      build.onLoad({ filter: /(?:\.(?:[cm]?[jt]s|[jt]sx)|\/[^./]+)$/, namespace: "file" }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const main = program(path, text);
        if (!main && !MENTIONS.test(text)) return undefined;
        packages.see(path, text);
        return { contents: placed(main?.contents ?? text, place(path)), loader: main?.loader ?? LOADERS[extname(path)] };
      });
    },
  };
}

function placed(text, path) {
  const inside = text
    .replace(/\bimport\.meta\.url\b/g, JSON.stringify(`file://${path}`))
    .replace(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)))
    .replace(/\bimport\.meta\.filename\b/g, JSON.stringify(path));
  const names = { __dirname: dirname(path), __filename: path };
  const asked = (name) => new RegExp(`\\b${name}\\b`).test(inside) && !new RegExp(`(?:const|let|var)\\s+${name}\\b`).test(inside);
  const wanted = Object.entries(names).filter(([name]) => asked(name));
  if (!wanted.length) return inside;
  // In front of the first line, so that lines keep their numbers.
  const values = `var ${wanted.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")};`;
  return values + (inside.startsWith("#!") ? `//${inside}` : inside);
}
