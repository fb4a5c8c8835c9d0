// Packages that other packages can do without (`require("pg")` of a query builder that knows ten databases): where they are not installed, asking for them throws, as in Node.

const UNRESOLVED = /^Could not resolve "([^"./][^"]*)"/;

/** What a bundler's errors say of packages that only packages ask for. */
export function absentIn(errors) {
  const unresolved = errors.map(({ text, location }) => ({ name: UNRESOLVED.exec(text)?.[1], file: location?.file ?? "" }));
  return new Set(unresolved.filter(({ name, file }) => name && file.includes("node_modules/")).map(({ name }) => name));
}

/** An esbuild plugin. `asked` is told who asks for which. */
export const absent = (names, asked) => ({
  name: "absent",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      // What is imported has to be there when a file is loaded, in Node, too.
      if (!names.has(path) || !importer.includes("/node_modules/") || !["require-call", "require-resolve", "dynamic-import"].includes(kind)) return undefined;
      asked(path, importer);
      return { path, namespace: "absent" };
    });
    build.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
      contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find module '${path}'`)}), { code: "MODULE_NOT_FOUND" });\nmodule.exports = {};`,
    }));
  },
});
