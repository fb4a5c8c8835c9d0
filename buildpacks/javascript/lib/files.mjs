// The files that the app sees at /app: its own, and data of packages that look for some.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** Not for the app: other programs', and secrets that have no place in a slug. */
const HIDDEN = /^(?:node_modules|\.git|\.npmrc|\.yarnrc.*|\.env.*)$/;
/** What a bundle holds already, and what nobody reads. */
const CODE = /\.(?:[cm]?[jt]sx?|map|md|markdown|flow)$|^(?:license|licence|changelog|readme).*|^\./i;

/** Copies them to `target`. `packages` are the folders of packages that may look for files of theirs; `whole` those of which the app reads any file. */
export function copyFiles(source, target, { packages, whole }) {
  copy(source, target, (name) => !HIDDEN.test(name));
  for (const [folder, place] of packages) copy(folder, join(target, place), (name) => name !== "node_modules" && (whole.has(place) || !CODE.test(name)));
}

/** Plain files only: a slug has no links. */
function copy(source, target, wanted) {
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    if (!wanted(entry.name)) continue;
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) copy(from, to, wanted);
    if (!entry.isFile()) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
}
