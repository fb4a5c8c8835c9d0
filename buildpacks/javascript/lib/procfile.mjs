// The Procfile's release command, if it is one of Node's.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { existing } from "./entry.mjs";
import { refuse } from "./say.mjs";

const RUNNERS = ["node", "tsx", "ts-node", "bun"];
const MANAGERS = ["npm", "pnpm", "yarn", "bun"];

/** `{ file, words }`: the script that runs in each deploy, and its arguments; undefined if there is none. */
export function findRelease(folder, manifest) {
  const path = join(folder, "Procfile");
  const command = existsSync(path) ? /^\s*release\s*:(.*)$/m.exec(readFileSync(path, "utf8"))?.[1].trim() : undefined;
  if (!command) return undefined;
  const words = script(split(command), manifest) ?? unknown(command);
  const file = existing(folder, words[0]);
  if (!file) refuse(`The Procfile's release command runs ${words[0]}, and there is no such file. Correct it and push again.`);
  return { file, words };
}

/** The script's file and its arguments. */
function script(words, manifest) {
  if (["exec", "npx"].includes(words[0])) words = words.slice(1);
  if (MANAGERS.includes(words[0]) && words[1] === "run") return named(words.slice(2), manifest);
  if (!RUNNERS.includes(words[0])) return undefined;
  const at = words.findIndex((word, place) => place > 0 && !word.startsWith("-"));
  return at < 0 ? undefined : words.slice(at);
}

/** `npm run migrate -- --all`: what package.json calls so. */
function named([name, ...rest], { scripts = {} }) {
  const found = scripts[name] && split(scripts[name]);
  if (!found || MANAGERS.includes(found[0])) return undefined;
  const words = script(found, {});
  return words && [...words, ...rest.filter((word, place) => word !== "--" || place > 0)];
}

/** As a shell would, but for what only a shell can do. */
function split(command) {
  if (/[;&|<>`$\\]/.test(command)) return [];
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain);
}

function unknown(command) {
  refuse(
    `The Procfile's release command \`${command}\` is not one that can run here. Write \`release: node script.js\`, or \`release: npm run NAME\` of such\n` +
      "a script, with arguments if it has some. Then push again.",
  );
}
