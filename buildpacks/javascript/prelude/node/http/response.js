// A server's answer, written piece by piece, as a web Response.
import { STATUS_CODES } from "toolchain:unenv/node/internal/http/constants";
import { Writable } from "node:stream";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;
/** The connection is the router's, not the app's. */
const OF_THE_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"]);

const failure = (Type, code, text) => Object.assign(new Type(text), { code });

export function validateHeaderName(name) {
  if (typeof name !== "string" || !TOKEN.test(name)) throw failure(TypeError, "ERR_INVALID_HTTP_TOKEN", `Header name must be a valid HTTP token ["${name}"]`);
}
export function validateHeaderValue(name, value) {
  if (value === undefined) throw failure(TypeError, "ERR_HTTP_INVALID_HEADER_VALUE", `Invalid value "undefined" for header "${name}"`);
  for (const one of [value].flat()) {
    if (CONTROL.test(one)) throw failure(TypeError, "ERR_INVALID_CHAR", `Invalid character in header content ["${name}"]`);
  }
}

/** Headers, and a body that is written: what answers and clients' requests have in common. */
export class OutgoingMessage extends Writable {
  headersSent = false;
  sendDate = true;
  shouldKeepAlive = false;
  useChunkedEncodingByDefault = true;
  /** Name in lower case → name as given, value. */
  #headers = new Map();

  constructor(options = {}) {
    super({ decodeStrings: true, ...options });
  }
  get finished() {
    return this.writableEnded;
  }
  /** Packages look here for "have the headers gone?". */
  get _header() {
    return this.headersSent ? "HTTP/1.1\r\n\r\n" : null;
  }
  get connection() {
    return this.socket;
  }
  setHeader(name, value) {
    this.#open("set");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this.#headers.set(name.toLowerCase(), [name, value]);
    return this;
  }
  setHeaders(headers) {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }
  appendHeader(name, value) {
    const before = this.getHeader(name);
    return this.setHeader(name, before === undefined ? value : [before, value].flat());
  }
  getHeader(name) {
    return this.#headers.get(name.toLowerCase())?.[1];
  }
  getHeaders() {
    return Object.assign(Object.create(null), Object.fromEntries([...this.#headers].map(([key, [, value]]) => [key, value])));
  }
  getHeaderNames() {
    return [...this.#headers.keys()];
  }
  getRawHeaderNames() {
    return [...this.#headers.values()].map(([name]) => name);
  }
  hasHeader(name) {
    return this.#headers.has(name.toLowerCase());
  }
  removeHeader(name) {
    this.#open("remove");
    this.#headers.delete(name.toLowerCase());
  }
  #open(verb) {
    if (this.headersSent) throw failure(Error, "ERR_HTTP_HEADERS_SENT", `Cannot ${verb} headers after they are sent to the client`);
  }
  /** As the web has them. */
  webHeaders() {
    const headers = new Headers();
    for (const [key, [, value]] of this.#headers) {
      if (OF_THE_CONNECTION.has(key)) continue;
      for (const one of [value].flat()) headers.append(key, String(one));
    }
    return headers;
  }
  setTimeout(_, callback) {
    if (callback) this.on("timeout", callback);
    return this;
  }
  flushHeaders() {}
  addTrailers() {}
}

export class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage = undefined;
  strictContentLength = false;
  #answer = Promise.withResolvers();
  /** Where the body goes once it has begun to stream. */
  #stream;
  /** Continues a write that waits for the visitor to read. */
  #wait;
  /** What is written next is all there is. */
  #last = false;
  #hasBody;

  constructor(request) {
    super();
    this.req = request;
    this.socket = request.socket;
    this.#hasBody = request.method !== "HEAD";
  }
  /** The answer, as soon as its headers stand. */
  get response() {
    return this.#answer.promise;
  }
  writeHead(status, message, headers) {
    if (this.headersSent) throw failure(Error, "ERR_HTTP_HEADERS_SENT", "Cannot write headers after they are sent to the client");
    if (!(status >= 100 && status <= 999)) throw failure(RangeError, "ERR_HTTP_INVALID_STATUS_CODE", `Invalid status code: ${status}`);
    this.statusCode = Math.trunc(status);
    const given = typeof message === "string" ? headers : message ?? headers;
    this.statusMessage = typeof message === "string" ? message : this.statusMessage ?? STATUS_CODES[status] ?? "unknown";
    this.#takeHeaders(given);
    this.headersSent = true;
    return this;
  }
  #takeHeaders(given) {
    if (!Array.isArray(given)) {
      for (const [name, value] of Object.entries(given ?? {})) this.setHeader(name, value);
      return;
    }
    const flat = given.flat();
    for (let at = 0; at < flat.length; at += 2) this.removeHeader(flat[at]);
    for (let at = 0; at < flat.length; at += 2) this.appendHeader(flat[at], flat[at + 1]);
  }
  /** Packages replace `writeHead` to have a last look at the headers. */
  _implicitHeader() {
    this.writeHead(this.statusCode);
  }
  flushHeaders() {
    this.#begin();
  }
  writeContinue() {}
  writeProcessing() {}
  writeEarlyHints() {}
  assignSocket() {}
  detachSocket() {}

  end(chunk, encoding, callback) {
    this.#last = !this.#stream;
    return super.end(chunk, encoding, callback);
  }
  _write(chunk, _encoding, done) {
    if (this.#last) {
      this.#respond(chunk);
      return done();
    }
    this.#begin();
    if (!this.#stream) return done();
    this.#stream.enqueue(new Uint8Array(chunk));
    if (this.#stream.desiredSize > 0) return done();
    this.#wait = done;
  }
  _final(done) {
    if (this.#stream) this.#stream.close();
    else this.#respond(null);
    done();
  }
  _destroy(error, done) {
    if (!this.writableFinished) this.#abort(error ?? new Error("The answer was destroyed before its end."));
    done(error);
  }
  #abort(error) {
    if (this.#stream) this.#stream.error(error);
    else this.#answer.reject(error);
  }

  /** Sends the headers; what is written from now on follows at once. */
  #begin() {
    if (this.#stream || this.#last) return;
    if (!this.#allowsBody()) return this.#respond(null);
    const pull = () => {
      const done = this.#wait;
      this.#wait = undefined;
      done?.();
    };
    const body = new ReadableStream({ start: (controller) => void (this.#stream = controller), pull, cancel: () => this.destroy() });
    this.#respond(body);
  }
  #respond(body) {
    if (!this.headersSent) this._implicitHeader();
    const headers = this.webHeaders();
    // A length without its body would be taken for a broken answer.
    if (!this.#hasBody) headers.delete("content-length");
    this.#answer.resolve(new Response(this.#allowsBody() ? body : null, { status: this.statusCode, headers }));
  }
  #allowsBody() {
    return this.#hasBody && this.statusCode >= 200 && ![204, 205, 304].includes(this.statusCode);
  }
}
