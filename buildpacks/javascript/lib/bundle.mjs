// The app and what it imports, as modules for the engine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NODE, PRELUDE, WEB, appOf } from "./attempt.mjs";
import { bundleOnGround } from "./ground.mjs";
import { mainModule } from "./modules.mjs";
import { detail, refuse } from "./say.mjs";
import { supplements } from "./unicode.mjs";
import { list } from "./unsupported.mjs";

/** Who depends on one of these listens. Others are known by what they import. */
const SERVERS = ["express", "koa", "fastify", "@hono/node-server", "@hapi/hapi", "@nestjs/core", "connect", "polka", "restify"];
/** How an app that listens by itself begins: the bundle for the web, which would be made first, is not the one to use. */
const LISTENS = /^\s*(?:import\s(?!type\b)[^;"']*?from\s*|import\s*|(?:const|let|var)\s[^;=]*=\s*require\s*\(\s*)["'](?:node:)?https?["']/m;
/** Loads packages by names that its users write: view engines. */
const LOADS_BY_NAME = "express";

/** A name that is put together at run time; the bundler's own helper is a function of that name without parameters. */
const DYNAMIC = /\b__require\((?![")])/;

/** `{ ground, code, packages, files }`: the two modules that the engine boots, the packages whose files may be looked for, and whether the app reads files. */
export async function bundle(folder, entry, toolchain, dependencies) {
  const app = appOf(folder, entry, toolchain);
  const listens = SERVERS.some((name) => dependencies.includes(name)) || LISTENS.test(readFileSync(join(folder, entry), "utf8"));
  const web = listens ? undefined : await bundleOnGround(app, WEB, []);
  const built = web?.app && !includes(web, "node/http.js") ? web : await asNode(app, dependencies, dependencies.includes(LOADS_BY_NAME));
  if (!built.app) refuse(`${await built.messages()}\n\nThe app cannot be bundled. Correct this and push again.`);
  return finish(app, built);
}

/** The same of a program that runs once with these words behind `node`, instead of answering. */
export async function bundleProgram(folder, { file, words }, toolchain, dependencies) {
  const app = appOf(folder, file, toolchain, [join("/app", file), ...words.slice(1)]);
  const built = await asNode(app, dependencies);
  if (!built.app) refuse(`${await built.messages()}\n\nThe release command cannot be bundled. Correct this and push again.`);
  return finish(app, built);
}

/** As Node reads it; with all dependencies, if something loads them by names that are put together at run time, as is known before if `all` says so. */
async function asNode(app, dependencies, all = false) {
  const built = await bundleOnGround(app, NODE, all ? dependencies : []);
  const dynamic = !all && built.app && [built.ground.text, built.app.code].some((code) => DYNAMIC.test(code));
  return dynamic ? bundleOnGround(app, NODE, dependencies) : built;
}

const includes = ({ ground, app }, file) => ground.prelude.includes(file) || app.prelude.includes(file);

async function finish({ toolchain, load }, { ground, app }) {
  const both = (part) => [...app[part], ...ground[part]];
  both("warnings").forEach((text) => detail(text));
  const size = app.code.length + ground.size;
  const count = app.count + ground.count;
  detail(`${count} module${count === 1 ? "" : "s"}, ${Math.ceil(size / 1024)} KB`);
  tell("These modules do not exist on this platform; code that uses them throws:", "imported", both("missing"));
  tell("These packages are not installed; code that asks for them throws:", "imported", both("notInstalled"));
  tell("These parts of modules do not exist on this platform; code that uses them throws:", "used", both("uses"));
  const first = await supplements(ground.text + app.code, app.own, PRELUDE, toolchain, load);
  if (first.locales) detail(`Intl for ${[...first.locales, ...first.zones].join(", ")}: the locales and time zones that the source names`);
  return { ground: `${first.code}\n${ground.text}`, code: mainModule(app), packages: { packages: new Map(both("packages")), whole: new Set(both("whole")) }, files: includes({ ground, app }, "node/fs/tree.js") };
}

function tell(headline, verb, things) {
  if (things.length) detail(headline);
  const users = new Map();
  for (const [thing, files] of things) users.set(thing, new Set([...(users.get(thing) ?? []), ...files]));
  for (const [thing, files] of [...users].sort()) detail(`  ${thing}, ${verb} by ${list([...files].sort())}`);
}
