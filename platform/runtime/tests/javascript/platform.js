const has = (names, where = globalThis) => names.split(" ").map((n) => `${n}:${typeof where[n]}`).join(" ");
const lines = [
  has("fetch Request Response Headers URL URLSearchParams TextEncoder TextDecoder TextEncoderStream TextDecoderStream ReadableStream WritableStream TransformStream CompressionStream Blob File FormData AbortController AbortSignal structuredClone crypto performance atob btoa queueMicrotask setImmediate navigator reportError WebSocket URLPattern Intl WebAssembly Atomics SharedArrayBuffer MessageChannel Event EventTarget CustomEvent DOMException Iterator WeakRef FinalizationRegistry caches self window location ErrorEvent PromiseRejectionEvent addEventListener removeEventListener dispatchEvent"),
  "R " + has("clone bytes json text arrayBuffer formData blob", Response.prototype),
  "Q " + has("clone bytes json text arrayBuffer formData blob", Request.prototype),
  "RS " + has("json error redirect", Response) + " " + has("canParse parse", URL) + " " + has("from", ReadableStream) + " " + has("any timeout abort", AbortSignal) + " " + has("fromAsync", Array) + " " + has("groupBy", Object) + " " + has("try withResolvers any", Promise) + " " + has("fromBase64", Uint8Array),
  "S " + has("getSetCookie", Headers.prototype) + " " + has("normalize isWellFormed localeCompare toLocaleString", String.prototype) + " " + typeof ReadableStream.prototype[Symbol.asyncIterator] + " " + has("tee pipeTo pipeThrough values", ReadableStream.prototype),
];
try { setTimeout(() => console.log("late"), 5); } catch (e) { lines.push("timeout " + e); }
try { lines.push("now " + performance.now()); } catch (e) { lines.push("now " + e); }
export default { async fetch(request) {
  try { 
  lines.push("now " + performance.now());
  const c = new Response("abc", {headers: {a: "b"}});
  lines.push(JSON.stringify([...c.headers]));
  lines.push("tee: " + (() => { try { const [a,b] = c.body.tee(); return typeof a } catch (e) { return String(e) } })());
  lines.push(await (async () => { const r = new Response("abc"); const [a, b] = r.body.tee(); return await new Response(a).text() + await new Response(b).text(); })().catch(String));
  lines.push(String(await new Promise(r => setTimeout(r, 20, "timer"))));
  lines.push(request.url + JSON.stringify([...request.headers]));
  lines.push(new Error("x").stack);
  } catch (e) { lines.push("caught " + e + e.stack); }
  return new Response(lines.join("\n")); } };
