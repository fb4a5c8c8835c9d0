// node:https: the platform ends TLS, so a server is the same; a client speaks https.
import { Agent, globalAgent, get as getAny, request as requestAny } from "./http/client.js";
export { Agent, globalAgent };
export { Server } from "./http/server.js";
import { createServer as createAny } from "./http/server.js";

/** Certificates among the options have no use here. */
export const createServer = (options, listener) => createAny(typeof options === "function" ? options : listener);
const secure = (make) => (url, ...rest) => (typeof url === "string" || url instanceof URL ? make(url, ...rest) : make({ protocol: "https:", ...url }, ...rest));
export const request = secure(requestAny);
export const get = secure(getAny);
