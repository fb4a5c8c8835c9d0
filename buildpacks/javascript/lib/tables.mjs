// Large tables in JSON files, such as a package's list of media types: read by JSON.parse when they are asked for. As a literal of the language a table is
// parsed, compiled and run at each boot, which takes the engine several times as long.
import { readFileSync } from "node:fs";

/** In characters. From smaller ones the bundler can leave out what nobody uses (`import { version } from "./package.json"`). */
const LARGE = 16 << 10;

/** An esbuild plugin. */
export const tables = {
  name: "tables",
  setup(build) {
    build.onLoad({ filter: /\.json$/, namespace: "file" }, ({ path, with: asked }) => {
      const text = readFileSync(path, "utf8");
      const table = text.length < LARGE || asked.type ? undefined : compact(text);
      return table && { contents: `module.exports = JSON.parse(${JSON.stringify(table)});`, loader: "js" };
    });
  },
};

/** Without blanks; `undefined` for what is no JSON, of which the bundler has more to say. */
function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}
