// The modules that are the engine's own: what the platform offers to JavaScript beside what the language's users know.

const MODULES = { "wasi:cli/environment@0.2.10": "__paas_environment", "paas:app/files@0.1.0": "__paas_files" };
const entries = Object.entries(MODULES);

/** The line of a module that hands them to the bundles inside it. */
export const hosts = `${entries.map(([name, variable]) => `import * as ${variable} from "${name}";`).join(" ")} const __paas_host = { ${entries.map(([name, variable]) => `"${name}": ${variable}`).join(", ")} };`;

/** An esbuild plugin. */
export const host = {
  name: "host",
  setup(build) {
    build.onResolve({ filter: /^(?:wasi|paas):/ }, ({ path }) =>
      MODULES[path] ? { path, namespace: "host" } : { errors: [{ text: `There is no ${path} for JavaScript on this platform; there are ${Object.keys(MODULES).join(" and ")}` }] });
    build.onLoad({ filter: /.*/, namespace: "host" }, ({ path }) => ({ contents: `module.exports = __paas_host[${JSON.stringify(path)}];` }));
  },
};
