// Takes the app's handler, in whatever form it has, and answers requests with it.
import { begin } from "./boot.js";
import { listen, listeners } from "./events.js";
import { describe } from "./inspect.js";
import { announce, late, needed } from "./late.js";
import { env } from "./process.js";
import { sendable } from "./response.js";
import { anyListening, servers } from "./servers.js";
import { idle, runTimersOfBoot } from "./timers.js";

const NO_HANDLER = `The app does not listen, and it has no fetch handler. Listen on the port that process.env.PORT names, or export a handler:
    export default { fetch(request, env) { return new Response("hello"); } }`;

/** Runs the app's top level, once, and keeps its handler. */
export async function boot(load) {
  if (late) return bootWithRequest(load);
  try {
    const reason = await Promise.race([needed, start(load)]);
    if (!reason) return;
    announce(reason);
  } catch (error) {
    // What the engine would say of it names lines of the bundle.
    console.error(error === NO_HANDLER ? NO_HANDLER : error);
    throw error;
  }
  throw new Error("The boot ends here.");
}

async function start(load) {
  const app = await load();
  // A Node app may listen later than at its top level: after a promise, or in the next turn.
  if (!handlerOf(app)) await runTimersOfBoot(() => servers.length > 0);
  const handle = handlerOf(app);
  if (!handle) throw NO_HANDLER;
  warm(app.default?.router);
  listen((event) => event.respondWith(answer(handle, event)));
}

/** The app's top level runs when its request is there. */
function bootWithRequest(load) {
  listen((event) => {
    begin();
    const handle = async (...values) => {
      const app = await load();
      if (!handlerOf(app)) await anyListening();
      return handlerOf(app)(...values);
    };
    event.respondWith(answer(handle, event));
  });
}

function handlerOf({ default: main, fetch: named }) {
  if (typeof main?.fetch === "function") return (request, context) => main.fetch(request, env, context);
  if (servers.length) return listening;
  if (typeof main === "function" && !/^class\b/.test(Function.prototype.toString.call(main))) return (request, context) => main(request, env, context);
  if (typeof named === "function") return (request, context) => named(request, env, context);
  return listeners.length ? dispatch : undefined;
}

/** Node's way: what the app does after its answer belongs to the request. */
function listening(request, { waitUntil }) {
  const { answer, done } = servers[0](request);
  waitUntil(done.then(idle));
  return answer;
}

/** Hono builds a router at its first match; done here, no request pays for it. lib/routers.mjs has routers register; others are known by their form. */
function warm(router) {
  for (const one of new Set([router, ...(globalThis.__paas_routers ?? [])])) {
    if (typeof one?.match !== "function" || typeof one.add !== "function") continue;
    try {
      one.match("GET", "/");
    } catch {
      // One that cannot be built says so in the request that needs it.
    }
  }
}

async function answer(handle, event) {
  begin();
  try {
    const waitUntil = (promise) => event.waitUntil(Promise.resolve(promise).catch((error) => console.error(error)));
    const response = await handle(event.request, { waitUntil, passThroughOnException() {}, props: {} });
    if (response instanceof Response) return sendable(response);
    throw new TypeError(`The fetch handler returned ${response === undefined ? "nothing" : `a ${typeof response}`}; it must return a Response.`);
  } catch (error) {
    console.error(error instanceof Error ? describe(error) : error);
    return new Response("Internal Server Error\n", { status: 500, headers: { "content-type": "text/plain;charset=UTF-8" } });
  }
}

/** An event for the listeners, in order, until one responds. */
async function dispatch(request, { waitUntil }) {
  let response;
  const event = { type: "fetch", request, clientId: "", waitUntil, passThroughOnException() {}, respondWith: (value) => (response ??= value) };
  for (const listener of listeners) {
    listener(event);
    if (response) return response;
  }
  return response;
}
