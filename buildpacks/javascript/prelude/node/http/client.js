// Requests of the app's own, made with fetch.
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { STATUS_CODES } from "toolchain:unenv/node/internal/http/constants";
import { IncomingMessage } from "./incoming.js";
import { OutgoingMessage } from "./response.js";
import { Socket } from "./socket.js";

/** The platform keeps the connections; an agent is only passed around. */
export class Agent extends EventEmitter {
  constructor(options = {}) {
    super();
    this.options = options;
    Object.assign(this, { maxSockets: Infinity, maxFreeSockets: 256, keepAlive: Boolean(options.keepAlive), sockets: {}, requests: {}, freeSockets: {} });
  }
  destroy() {}
}
export const globalAgent = new Agent();

export class ClientRequest extends OutgoingMessage {
  #url;
  #body = [];
  #abort = new AbortController();

  constructor(options, callback) {
    // It lives until its answer is read: packages take one that is destroyed before for given up.
    super({ autoDestroy: false });
    this.#url = addressOf(options);
    Object.assign(this, { method: (options.method ?? "GET").toUpperCase(), host: this.#url.hostname, protocol: this.#url.protocol, aborted: false, reusedSocket: false });
    this.path = this.#url.pathname + this.#url.search;
    this.socket = new Socket({ encrypted: this.protocol === "https:" });
    for (const [name, value] of entriesOf(options.headers)) this.setHeader(name, value);
    if (options.auth) this.setHeader("Authorization", `Basic ${Buffer.from(options.auth).toString("base64")}`);
    if (callback) this.once("response", callback);
    options.signal?.addEventListener("abort", () => this.destroy(options.signal.reason), { once: true });
    if (options.timeout) this.setTimeout(options.timeout);
    process.nextTick(() => this.emit("socket", this.socket));
  }
  setTimeout(delay, callback) {
    if (callback) this.once("timeout", callback);
    const timer = setTimeout(() => this.emit("timeout"), delay);
    this.once("close", () => clearTimeout(timer));
    return this;
  }
  abort() {
    this.aborted = true;
    this.destroy();
  }
  setNoDelay() {}
  setSocketKeepAlive() {}

  _write(chunk, _encoding, done) {
    this.#body.push(chunk);
    done();
  }
  _final(done) {
    this.headersSent = true;
    this.#send().catch((error) => {
      this.emit("error", Object.assign(error, { code: error.code ?? "ECONNRESET" }));
      this.destroy();
    });
    done();
  }
  _destroy(error, done) {
    if (!this.writableFinished || error) this.#abort.abort(error ?? undefined);
    done(error);
  }
  async #send() {
    const headers = this.webHeaders();
    headers.delete("host");
    headers.delete("content-length");
    const body = this.#body.length && !["GET", "HEAD"].includes(this.method) ? Buffer.concat(this.#body) : undefined;
    const answer = await fetch(this.#url, { method: this.method, headers, body, redirect: "manual", signal: this.#abort.signal });
    this.emit("response", this.#arrived(answer));
  }
  #arrived(answer) {
    const message = new IncomingMessage(this.socket);
    Object.assign(message, { statusCode: answer.status, statusMessage: answer.statusText || STATUS_CODES[answer.status], req: this, url: "" });
    for (const [name, value] of answer.headers) message.addHeader(name, value);
    this.res = message;
    message.once("close", () => this.destroy());
    return message.carry(answer.body);
  }
}

function addressOf({ protocol = "http:", hostname, host = "localhost", port, path = "/", href }) {
  if (href) return new URL(href);
  return new URL(`${protocol}//${hostname ?? host}${port ? `:${port}` : ""}${path}`);
}

function entriesOf(headers) {
  if (Array.isArray(headers)) return Array.from({ length: headers.length / 2 }, (_, at) => [headers[2 * at], headers[2 * at + 1]]);
  return Object.entries(headers ?? {}).filter(([, value]) => value !== undefined);
}

/** Node's forms: `(url, options, callback)`, `(options, callback)`. */
export function request(url, options, callback) {
  const address = typeof url === "string" || url instanceof URL ? { href: String(url) } : url;
  const rest = typeof options === "function" ? {} : options;
  return new ClientRequest({ ...address, ...rest }, typeof options === "function" ? options : callback);
}

export function get(...values) {
  const message = request(...values);
  message.end();
  return message;
}
