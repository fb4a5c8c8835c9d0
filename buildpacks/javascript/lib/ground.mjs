// What an app stands on: the prelude, Node's modules, and packages. Bundled apart from the app's own files, and kept for the build to come, which then bundles
// little more than those files.
//
// A module is in one of the two bundles, never in both. The app's gets those of the ground by name, at the moment in which it would have run them.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { extname, join, resolve, sep } from "node:path";
import { NODE, PRELUDE, attempt } from "./attempt.mjs";
import { findings } from "./findings.mjs";
import { isBuiltin } from "./node.mjs";
import { placeIn } from "./places.mjs";

/** `{ ground, app }`, both as of `findings`; or `{ messages }` if the app cannot be bundled. `dynamic` are dependencies that may be loaded by a name that is put together at run time. */
export async function bundleOnGround(app, kind, dynamic) {
  const keeper = new Keeper(app, kind);
  let ground = keeper.kept() ?? { wants: [], refused: [], modules: [], names: {} };
  for (;;) {
    const wants = new Wants();
    const top = await attempt(app, kind, start(app, dynamic), { format: { format: "esm" }, plugins: [standing(ground, wants)] });
    if (top.messages) return { messages: async () => inFiles(await top.messages(), app) };
    const asked = wants.list();
    if (ground.code !== undefined && same(asked, ground.wants)) return { ground, app: findings("app", app, top) };
    ground = await make(app, kind, asked, ground.refused);
    if (ground.messages) return ground;
    keeper.keep(ground);
  }
}

const same = (one, other) => one.join("\n") === other.join("\n");

/** Messages that name a package's file, not what stands for it here. */
const inFiles = (messages, { folder }) => messages.replace(/"ground(?:-[a-z]+)?:(\/[^"]*)\.js"/g, (_, path) => `"${placeIn(folder)(path).slice("/app/".length)}"`);

/** What an app's own bundle begins with. */
function start({ entry, words }, dynamic) {
  const load = `() => import(${JSON.stringify("./" + entry)})`;
  const table = dynamic.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`).join(", ");
  return `${table && `__paas_ground.provide({ ${table} });\n`}${words ? `__paas_ground.once(${JSON.stringify(words)}, ${load});` : `await __paas_ground.boot(${load});`}\n`;
}

// What the app's bundle asks for, and so the ground's names: a module of Node's by the way of asking and its name, a package's file by its path.
const [IMPORT, REQUIRE] = ["import ", "require "];

/** What the app's bundle asks for. Of a package without side effects it is asked by the names that the app's files import, as ` {a,b}` behind the path: the rest can stay away. */
class Wants {
  #wants = new Map();
  add(name, parts) {
    const before = this.#wants.get(name) ?? new Set();
    this.#wants.set(name, before && parts && new Set([...before, ...parts]));
  }
  list() {
    return [...this.#wants].map(([name, parts]) => name + (parts ? ` {${[...parts].sort()}}` : "")).sort();
  }
}
const [nameOf, partsOf] = [(want) => want.replace(/ \{.*$/, ""), (want) => / \{(.*)\}$/.exec(want)?.[1]];

/** An esbuild plugin: what the ground has comes from there, and what it could have is wanted of it. */
const standing = (ground, wants) => ({
  name: "standing",
  setup(build) {
    const [modules, refused] = [new Set(ground.modules), new Set(ground.refused)];
    const packages = new Set(ground.modules.map(packageOf));
    const asked = Symbol("asked");
    const want = (name, namespace, { sideEffects }, parts) => {
      wants.add(name, parts);
      return { ...virtual(name, namespace), sideEffects };
    };
    // Files ask for their neighbours most of the time, which matters only inside of packages, if the ground has packages.
    build.onResolve({ filter: modules.size ? /./ : /^[^.]|node_modules/ }, async ({ path, pluginData, ...request }) => {
      if (pluginData !== undefined || request.with?.type || ["entry-point", "require-resolve"].includes(request.kind) || (request.namespace !== "file" && request.importer !== "paas:start")) return undefined;
      const neighbour = /^\.\.?(?:\/|$)/.test(path);
      if (neighbour && !path.includes("node_modules") && !packages.has(packageOf(request.importer))) return undefined;
      const found = await build.resolve(path, { ...request, pluginData: asked });
      if (found.errors.length || found.external) return undefined;
      if (isBuiltin(path) && (found.namespace.startsWith("node-") ? found.namespace !== "node-missing" : ofPlatform(found.path))) {
        const name = path.replace(/^node:/, "");
        return request.kind === "require-call" ? want(REQUIRE + name, "ground", found) : want(IMPORT + name, "ground-import", found);
      }
      if (found.namespace !== "file") return undefined;
      const stands = modules.has(found.path) || (!neighbour && !refused.has(found.path) && mayStand(found.path));
      const parts = found.sideEffects || neighbour ? undefined : importedParts(path, request);
      return stands ? want(found.path, ground.names[found.path] ? "ground-names" : "ground", found, parts) : undefined;
    });
    build.onLoad({ filter: /./, namespace: "ground" }, ({ pluginData: name }) => ({ contents: `module.exports = __paas_ground.get(${JSON.stringify(name)});` }));
    // Namespaces: their default is the module's own, whatever kind of file imports it. Who imports a name that a package does not have hears of it in the push.
    build.onResolve({ filter: /^ground:/ }, ({ path }) => virtual(path.slice("ground:".length), "ground"));
    const exported = (parts, name) => ({ contents: parts.map((part) => `export ${part} from ${JSON.stringify(`ground:${name}`)};`).join("\n") });
    build.onLoad({ filter: /./, namespace: "ground-import" }, ({ pluginData: name }) => exported(["*", "{ default }"], name));
    build.onLoad({ filter: /./, namespace: "ground-names" }, ({ pluginData: name }) => exported([`{ ${ground.names[name].join(", ")} }`], name));
  },
});

/** A module of ours. It is not to be taken for one of a kind that a file's ending could tell, such as `.mjs`. */
const virtual = (name, namespace) => ({ path: `${name}.js`, namespace, pluginData: name });

/** The folder of the package that a file belongs to, if it does. */
const packageOf = (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(path)?.[0];

const ofPlatform = (path) => path.startsWith(PRELUDE + sep) || path.startsWith(join(process.env.PAAS_TOOLCHAIN_DIR, "node_modules") + sep);

/** Whether a file can be in a ground, as far as its name tells. */
const mayStand = (path) => path.includes("/node_modules/") && [".js", ".cjs", ".mjs", ".json"].includes(extname(path));

/** The names that a file imports of a module; nothing if it may be any. */
function importedParts(module, { importer, kind }) {
  if (kind !== "import-statement" || !existsSync(importer)) return undefined;
  const text = readFileSync(importer, "utf8").replace(/\/\*[^]*?\*\/|\/\/ .*$/gm, "");
  const from = `\\bfrom\\s*["']${escaped(module)}["']`;
  const all = (pattern) => [...text.matchAll(new RegExp(pattern, "g"))];
  const clauses = all(`\\b(?:import|export)\\b([^"'\`;()]*?)${from}`).map(([, clause]) => clause);
  if (!clauses.length || clauses.length < all(from).length || clauses.some((clause) => clause.includes("*"))) return undefined;
  return clauses.flatMap((clause) => {
    const [, main, list = ""] = /^([^{]*)(?:\{([^}]*)\})?/.exec(clause);
    const named = list.split(",").map((part) => part.trim()).filter((part) => part && !part.startsWith("type ")).map((part) => part.split(/\s+as\s+/)[0]);
    return /^\s*type\b/.test(main) ? [] : [...(main.replace(",", "").trim() ? ["default"] : []), ...named];
  });
}

/** A ground that gives what is wanted, but for packages that are refused: they, or what they import, await at their top level, or do not name what they export. */
async function make(app, kind, asked, refusedBefore) {
  const bundled = (wants) => attempt(app, kind, entry(wants, kind === NODE), { format: { format: "iife", globalName: "__paas_ground" }, plugins: [views] });
  let refused = [...refusedBefore];
  for (;;) {
    const wants = asked.filter((want) => !refused.includes(nameOf(want)));
    const packages = wants.filter((want) => want.startsWith("/"));
    const made = await bundled(wants);
    if (made.messages && !packages.length) return made;
    const names = made.messages ? {} : namesIn(made.code, packages.map(nameOf));
    const bad = made.messages ? await culprits(packages, bundled) : packages.map(nameOf).filter((path) => names[path] === UNKNOWN);
    if (!bad.length) return { ...findings("ground", app, made), wants, names, refused: refused.sort(), modules: modulesOf(app, made.metafile) };
    refused = [...refused, ...bad];
  }
}

/** Those that cannot be bundled by themselves, so that what is refused does not depend on what it was wanted with; all, if it is none. */
async function culprits(packages, bundled) {
  const bad = [];
  for (const want of packages) if ((await bundled([want])).messages) bad.push(nameOf(want));
  return bad.length ? bad : packages.map(nameOf);
}

const UNKNOWN = "unknown";

/** What each of these files exports, if it is no CommonJS: as the bundler has written it down. */
function namesIn(code, paths) {
  const names = {};
  for (const path of paths) {
    const object = new RegExp(`^ *${escaped(JSON.stringify(path))}: \\(\\) => .*__toCommonJS\\(([\\w$]+)\\)`, "m").exec(code)?.[1];
    if (!object) continue;
    const list = new RegExp(`__export\\(${escaped(object)}, \\{\\n([^}]*)\\n *\\}\\);`).exec(code)?.[1];
    names[path] = list && !code.includes(`__reExport(${object},`) ? [...list.matchAll(/^ *("[^"]*"|[\w$]+): \(\) => /gm)].map(([, name]) => name) : UNKNOWN;
  }
  return names;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function entry(wants, node) {
  const from = (name) => JSON.stringify(join(PRELUDE, name));
  const load = (want) => JSON.stringify(partsOf(want) || want.startsWith(IMPORT) ? `view:${want}` : want.replace(REQUIRE, ""));
  return `export { boot } from ${from("index.js")};
export { lines } from ${from("lines.js")};
${node ? `import ${from("node.js")};\nexport { provide } from ${from("require.js")};\nexport { once } from ${from("once.js")};` : ""}
const modules = {
${wants.map((want) => `${JSON.stringify(nameOf(want))}: () => require(${load(want)}),`).join("\n")}
};
export const get = (name) => modules[name]();
`;
}

/** An esbuild plugin: what is wanted of a module that is not to be given as `require` would. Types that a file imports like values are no error, as in the file. */
const views = {
  name: "views",
  setup(build) {
    build.onResolve({ filter: /^view:/ }, ({ path }) => ({ path: path.slice("view:".length), namespace: "view" }));
    build.onLoad({ filter: /./, namespace: "view" }, ({ path: want }) => {
      const module = JSON.stringify(nameOf(want).replace(IMPORT, ""));
      const parts = partsOf(want);
      return { contents: parts ? `export { ${parts} } from ${module};` : `export * from ${module};\nexport { default } from ${module};`, resolveDir: PRELUDE, loader: "ts" };
    });
  },
};

const isFile = (name) => !/^[a-z-]+:/.test(name);

/** The files of packages. */
const modulesOf = ({ folder }, { inputs }) => Object.keys(inputs).filter(isFile).map((name) => resolve(folder, name)).filter((path) => path.includes("/node_modules/") && !ofPlatform(path));

/** A ground from one build to the next, in the app's own cache. */
class Keeper {
  #file;
  #key;
  constructor({ toolchain, folder, words }, kind) {
    const cache = process.env.PAAS_CACHE_DIR;
    this.#file = cache && join(cache, `ground-${words ? "program" : kind === NODE ? "node" : "web"}.json`);
    const hash = createHash("sha256").update(JSON.stringify([process.version, folder, toolchain]));
    const makers = readdirSync(import.meta.dirname).sort().map((name) => join(import.meta.dirname, name));
    for (const path of [...makers, ...LAID.map((name) => join(folder, name))]) hash.update(existsSync(path) ? readFileSync(path) : "-");
    this.#key = hash.digest("hex");
  }

  /** The one of the build before, if all that it was made of is as it was. */
  kept() {
    try {
      const { key, seals, ground } = JSON.parse(readFileSync(this.#file, "utf8"));
      return key === this.#key && Object.entries(seals).every(([path, seal]) => sealOf(path) === seal) ? ground : undefined;
    } catch {
      return undefined;
    }
  }

  keep(ground) {
    if (!this.#file) return;
    const manifests = ground.modules.map((path) => packageOf(path) + "package.json");
    const paths = [...ground.modules, ...ground.refused, ...manifests, ...ground.prelude.map((name) => join(PRELUDE, name))];
    const seals = Object.fromEntries(paths.filter((path) => existsSync(path)).map((path) => [path, sealOf(path)]));
    writeFileSync(`${this.#file}.new`, JSON.stringify({ key: this.#key, seals, ground }));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** What package managers write about where they have put what. */
const LAID = ["package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "node_modules/.package-lock.json", "node_modules/.yarn-integrity", "node_modules/.yarn-state.yml", "node_modules/.modules.yaml"];

const sealOf = (path) => createHash("sha1").update(readFileSync(path)).digest("base64");
