// Lines of a push, refusals, and other programs.
import { spawn } from "node:child_process";

export const step = (text) => console.log(`-----> ${text}`);
export const detail = (text) => console.log(text.replace(/^/gm, "       "));

/** A "no" that the developer can act on. */
export class Refusal extends Error {}

export function refuse(text) {
  throw new Refusal(text);
}

/** Runs a program's main function; a refusal is shown in the form of a push's log, anything else with its stack. */
export function run(main) {
  Promise.resolve().then(main).catch((error) => {
    const text = error instanceof Refusal ? error.message : `The JavaScript buildpack failed: ${error.stack}`;
    console.log(text.replace(/^/gm, " !     "));
    process.exitCode = 1;
  });
}

/** Runs a program to its end, its output indented as a step's. `name` is what people call it. */
export function execute(program, args, { name = `${program} ${args[0]}`, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    for (const stream of [child.stdout, child.stderr]) forward(stream);
    child.on("error", (error) => reject(new Refusal(`${name} does not start: ${error.message}. Tell the operator.`)));
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Refusal(`${name} failed. Its messages above say why; correct it and push again.`))));
  });
}

function forward(stream) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.filter((line) => line.trim()).forEach(detail);
  });
  stream.on("end", () => rest.trim() && detail(rest));
}
