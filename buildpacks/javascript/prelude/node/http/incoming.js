// A message that arrives: a visitor's request at a server, or an answer at a client.
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { Socket } from "./socket.js";

/** Node joins what came several times with a comma; of these it takes the first. */
const FIRST_ONLY = new Set(["age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host", "if-modified-since",
  "if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization", "referer", "retry-after", "server", "user-agent"]);

/** The event of an exception that a listener of the body threw. */
export const UNCAUGHT = Symbol("uncaught");

export class IncomingMessage extends Readable {
  httpVersion = "1.1";
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  complete = false;
  aborted = false;
  headers = {};
  rawHeaders = [];
  trailers = {};
  rawTrailers = [];
  url = "";
  method = null;
  statusCode = null;
  statusMessage = null;
  #body;
  #reader;

  constructor(socket) {
    super();
    this.socket = socket;
  }
  get connection() {
    return this.socket;
  }
  get headersDistinct() {
    return Object.fromEntries(Object.entries(this.headers).map(([name, value]) => [name, [value].flat()]));
  }

  /** Takes a web stream as the body. */
  carry(body) {
    this.#body = body;
    return this;
  }
  addHeader(name, value) {
    this.rawHeaders.push(name, value);
    if (name === "set-cookie") (this.headers[name] ??= []).push(value);
    else if (!(name in this.headers)) this.headers[name] = value;
    else if (!FIRST_ONLY.has(name)) this.headers[name] += (name === "cookie" ? "; " : ", ") + value;
  }
  setTimeout(_, callback) {
    if (callback) this.on("timeout", callback);
    return this;
  }

  _read() {
    this.#reader ??= this.#body?.getReader();
    if (!this.#reader) return this.#end();
    this.#reader.read().then(
      ({ done, value }) => (done ? this.#end() : this.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))),
      (error) => this.destroy(error),
      // What a listener throws is nobody's to catch: in Node it would end the process.
    ).catch((error) => this.emit(UNCAUGHT, error) || console.error(error));
  }
  #end() {
    this.complete = true;
    this.push(null);
  }
  _destroy(error, callback) {
    if (!this.complete && error) this.aborted = true;
    callback(error);
  }
}

/** A visitor's request as Node shows it. */
export function incoming(request) {
  const url = new URL(request.url);
  const message = new IncomingMessage(new Socket({ encrypted: url.protocol === "https:" }));
  message.method = request.method;
  message.url = url.pathname + url.search;
  for (const [name, value] of request.headers) message.addHeader(name, value);
  // The engine keeps these two to itself.
  if (!message.headers.host) message.addHeader("host", url.host);
  const hasBody = request.method !== "GET" && request.method !== "HEAD" && message.headers["content-length"] !== "0" && request.body;
  if (hasBody && !message.headers["content-length"]) message.addHeader("transfer-encoding", "chunked");
  return message.carry(hasBody ? request.body : undefined);
}
