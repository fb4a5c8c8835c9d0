// One run of the bundler, with the platform's plugins.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { absent, absentIn } from "./absent.mjs";
import { host } from "./host.mjs";
import { nodeModules } from "./node.mjs";
import { Packages, placeIn, places } from "./places.mjs";
import { asProgram } from "./program.mjs";
import { routers } from "./routers.mjs";
import { tables } from "./tables.mjs";

export const PRELUDE = fileURLToPath(new URL("../prelude", import.meta.url));
const TEXTS = [".txt", ".html", ".sql", ".md", ".css", ".svg", ".graphql", ".xml", ".csv"];
const BINARIES = [".bin", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".woff", ".woff2"];

/** How packages are read for an app on fetch, and as Node reads them. `import` is no condition of Node's here, or `require` would find modules of the other kind. */
export const WEB = { mainFields: ["browser", "module", "main"], conditions: ["workerd", "worker", "browser", "import"] };
export const NODE = { mainFields: ["main", "module"], conditions: ["node"] };

/** `load` gives the toolchain's packages. `words`: those behind `node`, if it is a program that runs once. */
export const appOf = (folder, entry, toolchain, words) => ({ folder, entry, toolchain, words, load: createRequire(join(toolchain, "package.json")) });

/**
 * Bundles what `contents`, a module of the platform's, imports; `format` is esbuild's. Gives `messages()` if that fails, else what was made, and what was met on the way:
 * `missing` modules and packages `notInstalled` with who imports them, and the `packages` whose files may be looked for.
 */
export async function attempt(app, kind, contents, { format, plugins = [] }, without = new Set()) {
  const { folder, entry, toolchain, words, load } = app;
  const met = { missing: new Map(), notInstalled: new Map(), packages: new Packages(folder) };
  const note = (names) => (name, importer) => names.set(name, (names.get(name) ?? new Set()).add(importer));
  const program = words && ((path, text) => (path === join(folder, entry) ? asProgram(text, path, load) : undefined));
  const esbuild = load("esbuild");
  try {
    const result = await esbuild.build({
      stdin: { contents, resolveDir: folder, sourcefile: "paas:start", loader: "js" },
      absWorkingDir: folder,
      outfile: "app.js",
      bundle: true,
      write: false,
      ...format,
      platform: "neutral",
      target: "es2022",
      ...kind,
      loader: { "": "js", ...loaders(TEXTS, "text"), ...loaders(BINARIES, "binary"), ".node": "empty" },
      plugins: [
        ...plugins,
        host,
        nodeModules({ prelude: PRELUDE, toolchain, missing: note(met.missing) }),
        ...(without.size ? [absent(without, note(met.notInstalled))] : []),
        routers,
        tables,
        places(placeIn(folder), met.packages, program),
      ],
      charset: "utf8",
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
    });
    const text = (name) => result.outputFiles.find((file) => file.path.endsWith(name)).text;
    const warnings = await esbuild.formatMessages(result.warnings, { kind: "warning" });
    return { ...met, code: text(".js"), map: JSON.parse(text(".js.map")), metafile: result.metafile, warnings: warnings.map((warning) => warning.trim()) };
  } catch (error) {
    if (!error.errors) throw error;
    const names = absentIn(error.errors);
    if (names.size && !without.size) return attempt(app, kind, contents, { format, plugins }, names);
    const messages = async () => (await esbuild.formatMessages(error.errors.slice(0, 10), { kind: "error" })).map((text) => text.trim()).join("\n\n");
    return { messages };
  }
}

const loaders = (extensions, loader) => Object.fromEntries(extensions.map((extension) => [extension, loader]));
