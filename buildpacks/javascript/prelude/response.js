// Response as other platforms have it: no content-length of the engine's own (a middleware that copies the headers of one answer to another would send a
// wrong one, on which the engine fails), and clone.
const Native = globalThis.Response;
const { prototype } = Native;
const native = Object.getOwnPropertyDescriptors(prototype);
/** A cloned response → the response that has the body now. */
const heirs = new WeakMap();

function Response(body = null, init = {}) {
  const given = Boolean(init?.headers) && new Headers(init.headers).has("content-length");
  const response = Reflect.construct(Native, [body, init ?? {}], new.target ?? Response);
  if (!given) response.headers.delete("content-length");
  return response;
}

const whole = (response) => heirs.get(response) ?? response;

/** What can be sent: headers may have changed since a clone was made. */
export const sendable = (response) => (heirs.has(response) ? new Response(heirs.get(response).body, init(response)) : response);

function define(name, descriptor) {
  Object.defineProperty(prototype, name, { configurable: true, ...descriptor });
}

const init = ({ status, statusText, headers }) => ({ status, statusText, headers });

define("clone", {
  writable: true,
  value: function clone() {
    const response = whole(this);
    if (response.bodyUsed || response.body?.locked) throw new TypeError("Response.clone: the body has already been used.");
    if (!response.body) return new Response(null, init(response));
    const [mine, theirs] = response.body.tee();
    heirs.set(this, new Response(mine, init(this)));
    return new Response(theirs, init(this));
  },
});
for (const name of ["arrayBuffer", "blob", "formData", "json", "text"]) {
  if (native[name]) define(name, { writable: true, value: { [name](...values) { return native[name].value.apply(whole(this), values); } }[name] });
}
for (const name of ["body", "bodyUsed"]) define(name, { enumerable: true, get() { return native[name].get.call(whole(this)); } });

const bytes = { writable: true, configurable: true, value: async function bytes() { return new Uint8Array(await this.arrayBuffer()); } };
for (const type of [prototype, Request.prototype, Blob.prototype]) {
  if (!type.bytes) Object.defineProperty(type, "bytes", bytes);
}

Object.assign(Response, {
  error: () => new Response(null, { status: 500 }),
  json(value, init = {}) {
    const headers = new Headers(init.headers ?? undefined);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(value), { ...init, headers });
  },
  redirect: (url, status = 302) => new Response(null, { status, headers: { location: String(url) } }),
});
Response.prototype = prototype;
define("constructor", { writable: true, value: Response });
globalThis.Response = Response;
