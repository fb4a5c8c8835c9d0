// A server that listens: the platform hands it each request.
import { EventEmitter } from "node:events";
import { closed, listening } from "../../servers.js";
import { UNCAUGHT, incoming } from "./incoming.js";
import { ServerResponse } from "./response.js";

export class Server extends EventEmitter {
  listening = false;
  timeout = 0;
  requestTimeout = 300_000;
  headersTimeout = 60_000;
  keepAliveTimeout = 5_000;
  maxHeadersCount = null;
  #port;
  #answer = (request) => this.#handle(request);

  constructor(options, listener) {
    super();
    const callback = typeof options === "function" ? options : listener;
    if (callback) this.on("request", callback);
  }
  /** All forms of Node's: `(port, host, backlog, callback)`, `(options, callback)`. Which port it is does not matter. */
  listen(...values) {
    const [first] = values;
    const callback = values.find((value) => typeof value === "function");
    this.#port = Number((typeof first === "object" ? first?.port : first) ?? process.env.PORT) || 0;
    this.listening = true;
    if (callback) this.once("listening", callback);
    listening(this.#answer);
    process.nextTick(() => this.emit("listening"));
    return this;
  }
  address() {
    return this.listening ? { address: "::", family: "IPv6", port: this.#port } : null;
  }
  close(callback) {
    closed(this.#answer);
    this.listening = false;
    if (callback) this.once("close", callback);
    process.nextTick(() => this.emit("close"));
    return this;
  }
  async [Symbol.asyncDispose]() {
    this.close();
  }
  getConnections(callback) {
    process.nextTick(() => callback(null, 0));
    return this;
  }
  setTimeout() {
    return this;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  closeAllConnections() {}
  closeIdleConnections() {}

  /** One request; the answer comes with its headers, and `done` settles when nothing more will be written. */
  #handle(request) {
    const message = incoming(request);
    const response = new ServerResponse(message);
    const done = new Promise((resolve) => response.once("close", resolve));
    message.once(UNCAUGHT, (error) => {
      console.error(error);
      if (response.headersSent) return response.destroy(error);
      response.statusCode = 500;
      response.end("Internal Server Error\n");
    });
    this.emit("request", message, response);
    return { answer: response.response, done };
  }
}

export const createServer = (options, listener) => new Server(options, listener);
