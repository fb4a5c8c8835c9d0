// The app and what it imports, as one module.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { lineTable } from "./lines.mjs";
import { nodeModules } from "./node.mjs";
import { lowerRegExps } from "./regexp.mjs";
import { detail, refuse } from "./say.mjs";

const PRELUDE = fileURLToPath(new URL("../prelude", import.meta.url));
const TEXTS = [".txt", ".html", ".sql", ".md", ".css", ".svg", ".graphql", ".xml", ".csv"];
const BINARIES = [".bin", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".woff", ".woff2"];

/** The text of the module that the engine boots. */
export async function bundle(folder, entry, toolchain) {
  const load = createRequire(join(toolchain, "package.json"));
  const result = await build(load("esbuild"), folder, entry);
  const output = (name) => result.outputFiles.find((file) => file.path.endsWith(name)).text;
  const code = lowerRegExps(output(".js"), load);
  const modules = Object.keys(result.metafile.inputs).filter((name) => !name.includes("paas:") && !resolve(folder, name).startsWith(PRELUDE)).length;
  detail(`${modules} module${modules === 1 ? "" : "s"}, ${Math.ceil(code.length / 1024)} KB`);
  return lineTable(JSON.parse(output(".js.map")), folder, PRELUDE) + code;
}

async function build(esbuild, folder, entry) {
  try {
    const result = await esbuild.build({
      stdin: { contents: start(folder, entry), resolveDir: folder, sourcefile: "paas:start", loader: "js" },
      absWorkingDir: folder,
      outfile: "app.js",
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      target: "es2022",
      mainFields: ["browser", "module", "main"],
      conditions: ["workerd", "worker", "browser", "import"],
      external: ["wasi:*"],
      loader: { ...loaders(TEXTS, "text"), ...loaders(BINARIES, "binary") },
      plugins: [nodeModules(PRELUDE)],
      charset: "utf8",
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
    });
    for (const text of await esbuild.formatMessages(result.warnings, { kind: "warning" })) detail(text.trim());
    return result;
  } catch (error) {
    if (!error.errors) throw error;
    const messages = await esbuild.formatMessages(error.errors.slice(0, 10), { kind: "error" });
    refuse(`${messages.map((text) => text.trim()).join("\n\n")}\n\nThe app cannot be bundled. Correct this and push again.`);
  }
}

const loaders = (extensions, loader) => Object.fromEntries(extensions.map((extension) => [extension, loader]));

/** The platform's part runs before the app's, so that it sees how the app fares. */
function start(folder, entry) {
  const quoted = (path) => JSON.stringify(path);
  return `import { boot } from ${quoted(join(PRELUDE, "index.js"))};
await boot(() => import(${quoted("./" + entry)}));
`;
}
