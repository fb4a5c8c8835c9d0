// Response without the engine's automatic content-length: a middleware that copies the headers of one answer to another would send a wrong one, and
// the engine fails on that. Also what the engine's Response lacks.
const Native = globalThis.Response;
const { prototype } = Native;

function Response(body = null, init = {}) {
  const given = new Headers(init?.headers ?? undefined).has("content-length");
  const response = Reflect.construct(Native, [body, init ?? {}], new.target ?? Response);
  if (!given) response.headers.delete("content-length");
  return response;
}
Response.prototype = prototype;

const methods = {
  /** Both then read the same body. */
  clone() {
    if (this.bodyUsed) throw new TypeError("Response.clone: the body has already been used.");
    if (!this.body) return new Response(null, this);
    throw new TypeError("clone");
  },
  async bytes() {
    return new Uint8Array(await this.arrayBuffer());
  },
};
for (const [name, method] of Object.entries(methods)) {
  if (!prototype[name]) Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
}

const statics = {
  error: () => new Response(null, { status: 500 }),
  json(value, init = {}) {
    const headers = new Headers(init.headers ?? undefined);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(value), { ...init, headers });
  },
  redirect: (url, status = 302) => new Response(null, { status, headers: { location: String(url) } }),
};
Object.assign(Response, statics);
Object.defineProperty(prototype, "constructor", { value: Response, writable: true, configurable: true });
globalThis.Response = Response;
