// Takes the app's handler, in whatever form it has, and answers requests with it.
import { begin } from "./boot.js";
import { listen, listeners } from "./events.js";
import { describe } from "./inspect.js";
import { env } from "./process.js";
import { whole } from "./response.js";

const NO_HANDLER = `The app has no fetch handler. Export one:
    export default { fetch(request, env) { return new Response("hello"); } }`;

/** Runs the app's top level, once, and keeps its handler. */
export async function boot(load) {
  try {
    serve(await load());
  } catch (error) {
    // What the engine would say of it names lines of the bundle.
    console.error(error === NO_HANDLER ? NO_HANDLER : error);
    throw error;
  }
}

function serve(app) {
  const handle = handlerOf(app);
  warm(app.default);
  listen((event) => event.respondWith(answer(handle, event)));
}

function handlerOf({ default: main, fetch: named }) {
  if (typeof main?.fetch === "function") return (request, context) => main.fetch(request, env, context);
  if (typeof main === "function" && !/^class\b/.test(Function.prototype.toString.call(main))) return (request, context) => main(request, env, context);
  if (typeof named === "function") return (request, context) => named(request, env, context);
  if (listeners.length) return dispatch;
  throw NO_HANDLER;
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
    if (response instanceof Response) return whole(response);
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
