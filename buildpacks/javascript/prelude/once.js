// A program that runs once, to its end, as `node migrate.js` does: the release phase of a deploy. The platform asks it once, and it answers with the
// status that it exits with.
import { begin } from "./boot.js";
import { listen } from "./events.js";
import { describe } from "./inspect.js";
import { process } from "./process.js";
import { idle } from "./timers.js";

/** Ends what runs when the program exits in the middle of it. */
const EXITED = new Error("The program has exited.");
const { setTimeout } = globalThis;
const PAUSE_MS = 2;
/** Pauses without anything to wait for after which nothing more is to come; and where the program's own promises say that something is. */
const QUIET = 3;
const STUCK = 500;

/** Runs `load()`, the program's top level, with `words` as its arguments, when it is asked. */
export function once(words, load) {
  process.argv = [process.execPath, ...words];
  listen((event) => {
    begin();
    event.respondWith(run(load));
  });
}

async function run(load) {
  const exited = new Promise((resolve) => {
    process.exit = (code = process.exitCode) => {
      resolve(Number(code ?? 0) & 255);
      throw EXITED;
    };
  });
  const status = await Promise.race([exited, toItsEnd(load)]);
  return new Response(`exited with status ${status}\n`, { status: status ? 500 : 200, headers: { "paas-exit": String(status) } });
}

/** As Node does: until nothing is left that could call the program back, or until it fails. */
async function toItsEnd(load) {
  const [open, left] = [watch(), leave()];
  try {
    await Promise.race([left.failed, load().then(() => ended(open, left))]);
    return Number(process.exitCode ?? 0) & 255;
  } catch (error) {
    if (error === EXITED) return new Promise(() => {});
    console.error(error instanceof Error ? describe(error) : error);
    return 1;
  }
}

async function ended(open, left) {
  for (let quiet = 0; quiet < (left.running() ? STUCK : QUIET); quiet = open() ? 0 : quiet + 1) {
    await idle();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Follows the promises that the program's top level leaves behind; lib/program.mjs has it hand them over. */
function leave() {
  let running = 0;
  let fail;
  const failed = new Promise((_, reject) => (fail = reject));
  globalThis.__paas_left = (value) => {
    if (typeof value?.then !== "function") return value;
    running++;
    value.then(() => running--, fail);
    return value;
  };
  return { failed, running: () => running };
}

/** Counts what the program waits for of the network; the answer tells how much that is now. */
function watch() {
  let open = 0;
  const count = (object, name) => {
    const start = object?.[name];
    if (typeof start !== "function") return;
    object[name] = function (...values) {
      const promise = start.apply(this, values);
      open++;
      const ended = () => open--;
      Promise.resolve(promise).then(ended, ended);
      return promise;
    };
  };
  count(globalThis, "fetch");
  for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"]) count(Response.prototype, name);
  count(globalThis.ReadableStreamDefaultReader?.prototype, "read");
  return () => open;
}
