// node:http: servers answer what the platform hands them, clients are made on fetch.
export { METHODS, STATUS_CODES } from "toolchain:unenv/node/internal/http/constants";
export { Agent, ClientRequest, get, globalAgent, request } from "./http/client.js";
export { IncomingMessage } from "./http/incoming.js";
export { OutgoingMessage, ServerResponse, validateHeaderName, validateHeaderValue } from "./http/response.js";
export { createServer, Server } from "./http/server.js";
export const maxHeaderSize = 16384;
export const setMaxIdleHTTPParsers = () => {};
export const { WebSocket, CloseEvent, MessageEvent } = globalThis;
