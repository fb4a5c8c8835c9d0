// What an app stands on: the prelude, Node's modules, and packages. Bundled apart from the app's own files, and kept for the build to come, which then bundles
// little more than those files.
//
// A module is in one of the two bundles, never in both. The app's gets those of the ground by name, at the moment in which it would have run them.
import { join, resolve } from "node:path";
import { NODE, PRELUDE, attempt } from "./attempt.mjs";
import { findings } from "./findings.mjs";
import { Keeper } from "./keeper.mjs";
import { groundModule } from "./modules.mjs";
import { placeIn } from "./places.mjs";
import { standing } from "./standing.mjs";
import { IMPORT, REQUIRE, Wants, escaped, nameOf, ofPlatform, partsOf } from "./wants.mjs";

/** `{ ground, app }`, as of `findings`, the ground with the `text` of its module; or `{ messages }` if the app cannot be bundled. `dynamic` are dependencies that may be loaded by a name that is put together at run time. */
export async function bundleOnGround(app, kind, dynamic) {
  const keeper = new Keeper(app, kind);
  let ground = keeper.kept() ?? { wants: [], refused: [], modules: [], names: {} };
  for (;;) {
    const wants = new Wants();
    const top = await attempt(app, kind, start(app, dynamic), { format: { format: "esm" }, plugins: [standing(ground, wants)] });
    if (top.messages) return { messages: async () => inFiles(await top.messages(), app) };
    const asked = wants.list();
    if (ground.text && same(asked, ground.wants)) return { ground, app: findings("app", app, top) };
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
    if (!bad.length) return { ...asModule(findings("ground", app, made)), wants, names, refused: refused.sort(), modules: modulesOf(app, made.metafile) };
    refused = [...refused, ...bad];
  }
}

const asModule = ({ code, lines, ...found }) => ({ ...found, size: code.length, text: groundModule(code, lines) });

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
    const list = code.includes(`__export(${object},`) ? new RegExp(`__export\\(${escaped(object)}, \\{\\n([^}]*)\\n *\\}\\);`).exec(code)?.[1] : "";
    const known = list !== undefined && !code.includes(`__reExport(${object},`);
    names[path] = known ? [...list.matchAll(/^ *("[^"]*"|[\w$]+): \(\) => /gm)].map(([, name]) => name) : UNKNOWN;
  }
  return names;
}

function entry(wants, node) {
  const from = (name) => JSON.stringify(join(PRELUDE, name));
  const load = (want) => JSON.stringify(partsOf(want) !== undefined || want.startsWith(IMPORT) ? `view:${want}` : want.replace(REQUIRE, ""));
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
      return { contents: parts !== undefined ? `export { ${parts} } from ${module};` : `export * from ${module};\nexport { default } from ${module};`, resolveDir: PRELUDE, loader: "ts" };
    });
  },
};

const isFile = (name) => !/^[a-z-]+:/.test(name);

/** The files of packages. */
const modulesOf = ({ folder }, { inputs }) => Object.keys(inputs).filter(isFile).map((name) => resolve(folder, name)).filter((path) => path.includes("/node_modules/") && !ofPlatform(path));
