// The app and what it imports, as one module.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { absent, absentIn } from "./absent.mjs";
import { lineTable } from "./lines.mjs";
import { nodeModules } from "./node.mjs";
import { Packages, placeIn, places } from "./places.mjs";
import { asProgram } from "./program.mjs";
import { lowerRegExps } from "./regexp.mjs";
import { routers } from "./routers.mjs";
import { detail, refuse } from "./say.mjs";
import { tables } from "./tables.mjs";
import { supplements } from "./unicode.mjs";
import { list, unsupported } from "./unsupported.mjs";

const PRELUDE = fileURLToPath(new URL("../prelude", import.meta.url));
const TEXTS = [".txt", ".html", ".sql", ".md", ".css", ".svg", ".graphql", ".xml", ".csv"];
const BINARIES = [".bin", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".woff", ".woff2"];
/** How packages are read for an app on fetch, and as Node reads them. `import` is no condition of Node's here, or `require` would find modules of the other kind. */
const WEB = { mainFields: ["browser", "module", "main"], conditions: ["workerd", "worker", "browser", "import"] };
const NODE = { mainFields: ["main", "module"], conditions: ["node"] };
/** Who depends on one of these listens. Others are known by what they import. */
const SERVERS = ["express", "koa", "fastify", "@hono/node-server", "@hapi/hapi", "@nestjs/core", "connect", "polka", "restify"];
/** How an app that listens by itself begins: the bundle for the web, which would be made first, is not the one to use. */
const LISTENS = /^\s*(?:import\s(?!type\b)[^;"']*?from\s*|import\s*|(?:const|let|var)\s[^;=]*=\s*require\s*\(\s*)["'](?:node:)?https?["']/m;
/** Loads packages by names that its users write: view engines. */
const LOADS_BY_NAME = "express";

/** A name that is put together at run time; the bundler's own helper is a function of that name without parameters. */
const DYNAMIC = /\b__require\((?![")])/;

/** `{ code, packages, files }`: the module that the engine boots, the packages whose files may be looked for, and whether the app reads files. */
export async function bundle(folder, entry, toolchain, dependencies) {
  const app = { folder, entry, toolchain, load: createRequire(join(toolchain, "package.json")) };
  const listens = SERVERS.some((name) => dependencies.includes(name)) || LISTENS.test(readFileSync(join(folder, entry), "utf8"));
  const web = listens ? undefined : await attempt(app, WEB, []);
  const built = web?.output && !web.includes("http.js") ? web : await asNode(app, dependencies, dependencies.includes(LOADS_BY_NAME));
  if (!built.output) refuse(`${await built.messages()}\n\nThe app cannot be bundled. Correct this and push again.`);
  return finish(app, built);
}

/** The same of a program that runs once with these words behind `node`, instead of answering. */
export async function bundleProgram(folder, { file, words }, toolchain, dependencies) {
  const app = { folder, entry: file, toolchain, words: [join("/app", file), ...words.slice(1)], load: createRequire(join(toolchain, "package.json")) };
  const built = await asNode(app, dependencies);
  if (!built.output) refuse(`${await built.messages()}\n\nThe release command cannot be bundled. Correct this and push again.`);
  return finish(app, built);
}

/** As Node reads it; with all dependencies, if something loads them by names that are put together at run time, as is known before if `all` says so. */
async function asNode(app, dependencies, all = false) {
  const built = await attempt(app, NODE, all ? dependencies : []);
  return !all && built.output && DYNAMIC.test(built.output(".js")) ? attempt(app, NODE, dependencies) : built;
}

async function finish({ folder, toolchain, load }, { result, missing, notInstalled, packages, output, includes }) {
  for (const text of await load("esbuild").formatMessages(result.warnings, { kind: "warning" })) detail(text.trim());
  const code = lowerRegExps(output(".js"), load);
  const hidden = (name) => /^(?:paas|node-[a-z-]+):/.test(name) || [PRELUDE, join(toolchain, "node_modules")].some((path) => resolve(folder, name).startsWith(path + sep));
  const named = (path) => placeIn(folder)(path).slice("/app/".length);
  const modules = Object.keys(result.metafile.inputs).filter((name) => !hidden(name)).length;
  detail(`${modules} module${modules === 1 ? "" : "s"}, ${Math.ceil(code.length / 1024)} KB`);
  const tell = (headline, names) => {
    if (names.size) detail(headline);
    for (const [name, importers] of [...names].sort()) detail(`  ${name}, imported by ${list([...importers].map(named).sort())}`);
  };
  tell("These modules do not exist on this platform; code that uses them throws:", missing);
  tell("These packages are not installed; code that asks for them throws:", notInstalled);
  const bundled = filesOf(result.metafile, folder, hidden);
  const uses = unsupported(bundled.map((file) => ({ ...file, name: named(file.path) })));
  if (uses.length) {
    detail("These parts of modules do not exist on this platform; code that uses them throws:");
    for (const use of uses) detail(`  ${use}`);
  }
  const first = await supplements(code, bundled.filter(({ own }) => own).map(({ path }) => path), PRELUDE, toolchain, load);
  if (first.locales) detail(`Intl for ${[...first.locales, ...first.zones].join(", ")}: the locales and time zones that the source names`);
  const lines = lineTable(JSON.parse(output(".js.map")), hidden, (name) => named(resolve(folder, name)));
  return { code: `${lines}${first.code}\n${code}`, packages, files: includes("fs/tree.js") };
}

/** The app's files (`own`) and its packages' that are in the bundle, and which of Node's modules each imports. */
function filesOf({ inputs, outputs }, folder, hidden) {
  const kept = Object.values(outputs).flatMap((output) => Object.entries(output.inputs ?? {})).filter(([name, { bytesInOutput }]) => bytesInOutput && !hidden(name));
  return kept.filter(([name]) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(name)).map(([name]) => {
    const imports = inputs[name].imports.map(({ original = "" }) => original.replace(/^node:/, ""));
    return { path: resolve(folder, name), own: !name.includes("node_modules/"), imports: [...new Set(imports)] };
  });
}

/** One run of the bundler; without `output` if it fails. `dynamic` are dependencies that may be loaded by a name unknown now. */
async function attempt(app, kind, dynamic, without = new Set()) {
  const { folder, entry, toolchain, words, load } = app;
  const [missing, packages, place] = [new Map(), new Packages(folder), placeIn(folder)];
  const note = (names) => (name, importer) => names.set(name, (names.get(name) ?? new Set()).add(importer));
  const notInstalled = new Map();
  const plugins = [
    nodeModules({ prelude: PRELUDE, toolchain, missing: note(missing) }),
    ...(without.size ? [absent(without, note(notInstalled))] : []),
    routers,
    tables,
    places(place, packages, words && ((path, text) => (path === join(folder, entry) ? asProgram(text, path, load) : undefined))),
  ];
  const esbuild = load("esbuild");
  try {
    const result = await esbuild.build({
      stdin: { contents: start(entry, kind === NODE, dynamic, words), resolveDir: folder, sourcefile: "paas:start", loader: "js" },
      absWorkingDir: folder,
      outfile: "app.js",
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      target: "es2022",
      ...kind,
      external: ["wasi:*", "paas:app/*"],
      loader: { "": "js", ...loaders(TEXTS, "text"), ...loaders(BINARIES, "binary"), ".node": "empty" },
      plugins,
      charset: "utf8",
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
    });
    const output = (name) => result.outputFiles.find((file) => file.path.endsWith(name)).text;
    const includes = (name) => Object.keys(result.metafile.inputs).some((input) => input.endsWith(join("prelude/node", name)));
    return { result, missing, notInstalled, packages, output, includes };
  } catch (error) {
    if (!error.errors) throw error;
    const names = absentIn(error.errors);
    if (names.size && !without.size) return attempt(app, kind, dynamic, names);
    const messages = async () => (await esbuild.formatMessages(error.errors.slice(0, 10), { kind: "error" })).map((text) => text.trim()).join("\n\n");
    return { messages };
  }
}

const loaders = (extensions, loader) => Object.fromEntries(extensions.map((extension) => [extension, loader]));

/** The platform's part runs before the app's, so that it sees how the app fares. */
function start(entry, node, dynamic, words) {
  const prelude = (name) => JSON.stringify(join(PRELUDE, name));
  const table = dynamic.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`).join(", ");
  const load = `() => import(${JSON.stringify("./" + entry)})`;
  return `import { boot } from ${prelude("index.js")};
${node ? `import ${prelude("node.js")};` : ""}
${table && `import { provide } from ${prelude("require.js")};\nprovide({ ${table} });`}
${words ? `import { once } from ${prelude("once.js")};\nonce(${JSON.stringify(words)}, ${load});` : `await boot(${load});`}
`;
}
