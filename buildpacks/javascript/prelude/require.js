// `require(name)` where the name is known only at run time: the app's own dependencies, and JSON files.
import { absolute, bytes } from "./node/fs/tree.js";

/** Name → what gives the module; the bundle fills it. */
const table = new Map();
export const provide = (modules) => Object.entries(modules).forEach(([name, load]) => table.set(name, load));

/** A `require` for files in this folder. */
export function requireFrom(folder) {
  const require = (name) => {
    const found = table.get(name.replace(/^node:/, "")) ?? (/^[./]/.test(name) ? table.get(absolute(place(folder, name))) : undefined);
    if (found) return found();
    if (/^[./].*\.json$/.test(name)) return JSON.parse(bytes(place(folder, name)));
    throw Object.assign(new Error(`Cannot find module '${name}': its name is known only at run time, and it is not among the dependencies of package.json`), { code: "MODULE_NOT_FOUND" });
  };
  return Object.assign(require, { resolve: (name) => (/^[./]/.test(name) ? place(folder, name) : `/app/node_modules/${name}`), cache: {}, extensions: {}, main: undefined });
}

const place = (folder, name) => absolute(name.startsWith("/") ? name : `${folder}/${name}`);
