// What an app's bundle wants of its ground, and so the ground's names: a module of Node's by the way of asking and its name, a package's file by its path.
import { existsSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { PRELUDE } from "./attempt.mjs";

export const [IMPORT, REQUIRE] = ["import ", "require "];
/** A want is a name, and of a package without side effects the names that the app's files import, as ` {a,b}` behind it: the rest can stay away. */
export const [nameOf, partsOf] = [(want) => want.replace(/ \{.*$/, ""), (want) => / \{(.*)\}$/.exec(want)?.[1]];

export class Wants {
  #wants = new Map();
  /** Without `parts`, all of it is wanted, whoever else wants less. */
  add(name, parts) {
    const before = this.#wants.has(name) ? this.#wants.get(name) : new Set();
    this.#wants.set(name, before && parts && new Set([...before, ...parts]));
  }
  list() {
    return [...this.#wants].map(([name, parts]) => name + (parts ? ` {${[...parts].sort()}}` : "")).sort();
  }
}

/** The names that a file imports of a module; nothing if it may be any. */
export function importedParts(module, { importer, kind }) {
  if (kind !== "import-statement" || !existsSync(importer)) return undefined;
  const text = readFileSync(importer, "utf8");
  const from = `\\bfrom\\s*["']${escaped(module)}["']`;
  const all = (pattern) => [...text.matchAll(new RegExp(pattern, "g"))];
  const clauses = all(`\\b(?:import|export)\\b((?:(?!\\b(?:import|export)\\b)[^"'\`;()])*?)${from}`).map(([, clause]) => clause.replace(COMMENT, ""));
  if (!clauses.length || clauses.length < all(from).length || clauses.some((clause) => clause.includes("*"))) return undefined;
  return clauses.flatMap((clause) => {
    const [, main, list = ""] = /^([^{]*)(?:\{([^}]*)\})?/.exec(clause);
    const named = list.split(",").map((part) => part.trim()).filter((part) => part && !part.startsWith("type ")).map((part) => part.split(/\s+as\s+/)[0]);
    return /^\s*type\b/.test(main) ? [] : [...(main.replace(",", "").trim() ? ["default"] : []), ...named];
  });
}

const COMMENT = /\/\*[^]*?\*\/|\/\/.*$/gm;

export const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The folder of the package that a file belongs to, if it does. */
export const packageOf = (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(path)?.[0];

/** Whether a file is the prelude's or the toolchain's. */
export const ofPlatform = (path) => path.startsWith(PRELUDE + sep) || path.startsWith(join(process.env.PAAS_TOOLCHAIN_DIR, "node_modules") + sep);
