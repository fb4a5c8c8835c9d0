// What the push and the slug need to know of a bundle: plain data, which can be kept.
import { join, resolve, sep } from "node:path";
import { PRELUDE } from "./attempt.mjs";
import { lineRuns } from "./lines.mjs";
import { placeIn } from "./places.mjs";
import { lowerRegExps } from "./regexp.mjs";
import { unsupported } from "./unsupported.mjs";

/** Of a run of the bundler, for this `part` of a bundle: its `code`, the `lines` it came from, and what was found in it; files by the names that people know. */
export function findings(part, { folder, toolchain, load }, { code, map, metafile, warnings, missing, notInstalled, packages }) {
  const hidden = (name) => VIRTUAL.test(name) || [PRELUDE, join(toolchain, "node_modules")].some((path) => resolve(folder, name).startsWith(path + sep));
  const named = (path) => placeIn(folder)(path).slice("/app/".length);
  const bundled = filesOf(metafile, folder, hidden);
  const plain = (map, nameOf = (name) => name) => [...map].map(([thing, files]) => [thing, [...files].map(nameOf)]);
  return {
    code: lowerRegExps(code, load, part),
    lines: lineRuns(map, hidden, (name) => named(resolve(folder, name))),
    count: Object.keys(metafile.inputs).filter((name) => !hidden(name)).length,
    own: bundled.filter(({ own }) => own).map(({ path }) => path),
    prelude: Object.keys(metafile.inputs).map((name) => resolve(folder, name)).filter((path) => path.startsWith(PRELUDE + sep)).map((path) => path.slice(PRELUDE.length + 1)),
    warnings,
    missing: plain(missing, named),
    notInstalled: plain(notInstalled, named),
    uses: plain(unsupported(bundled.map((file) => ({ ...file, name: named(file.path) })))),
    packages: [...packages.packages],
    whole: [...packages.whole],
  };
}

/** The names of modules that are no files: the platform's. */
const VIRTUAL = /^(?:\.\/)?(?:paas|(?:node|ground)(?:-[a-z-]+)?|view|host):/;

/** The app's files (`own`) and its packages' that are in the bundle, and which of Node's modules each imports. */
function filesOf({ inputs, outputs }, folder, hidden) {
  const kept = Object.values(outputs).flatMap((output) => Object.entries(output.inputs ?? {})).filter(([name, { bytesInOutput }]) => bytesInOutput && !hidden(name));
  return kept.filter(([name]) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(name)).map(([name]) => {
    const imports = inputs[name].imports.map(({ original = "" }) => original.replace(/^node:/, ""));
    return { path: resolve(folder, name), own: !name.includes("node_modules/"), imports: [...new Set(imports)] };
  });
}
