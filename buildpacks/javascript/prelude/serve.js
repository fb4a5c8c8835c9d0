// Takes the app's handler, in whatever form it has, and answers requests with it.
import { begin } from "./boot.js";
import { listen, listeners } from "./events.js";
import { describe } from "./inspect.js";
import { env } from "./process.js";

const NO_HANDLER = `The app has no fetch handler. Export one:
    export default { fetch(request, env) { return new Response("hello"); } }`;

/** Called once, at the end of the boot; `app` is what the entry module exports. */
export function serve(app) {
  const handle = handlerOf(app);
  warm(app.default);
  listen((event) => event.respondWith(answer(handle, event)));
}

function handlerOf({ default: main, fetch: named }) {
  if (typeof main?.fetch === "function") return (request, context) => main.fetch(request, env, context);
  if (typeof main === "function" && !/^class\b/.test(Function.prototype.toString.call(main))) return (request, context) => main(request, env, context);
  // A CommonJS module's exports, or an ES module without a default.
  if (typeof named === "function") return (request, context) => named(request, env, context);
  if (listeners.length) return dispatch;
  throw Object.assign(new Error(NO_HANDLER), { stack: "" });
}

/** Hono builds its router at the first match; done here, no request pays for it. */
function warm(main) {
  if (Array.isArray(main?.routes) && typeof main.router?.match === "function") main.router.match("GET", "/");
}

async function answer(handle, event) {
  begin();
  try {
    const waitUntil = (promise) => event.waitUntil(Promise.resolve(promise).catch((error) => console.error(error)));
    const response = await handle(event.request, { waitUntil, passThroughOnException() {}, props: {} });
    if (response instanceof Response) return response;
    throw new TypeError(`The fetch handler returned ${response === undefined ? "nothing" : typeof response}; it must return a Response.`);
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
