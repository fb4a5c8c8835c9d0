// Hono builds its router at the first match, which here would be each request's first: its routers say that they are there, and prelude/serve.js has them built at the end of the boot.
import { readFileSync } from "node:fs";

/** An esbuild plugin. */
export const routers = {
  name: "routers",
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/hono\/dist\/(?:cjs\/)?router\/smart-router\/router\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8").replace(/constructor\(\w*\) \{/, "$& (globalThis.__paas_routers ??= []).push(this);");
      return { contents: text, loader: "js" };
    });
  },
};
