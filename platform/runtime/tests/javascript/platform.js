// Answers with the names of the checks that failed.
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "events";
import { inspect } from "node:util";

const bootTimer = new Promise((resolve) => setTimeout(resolve, 1, "fired"));
const bootRandom = crypto.getRandomValues(new Uint8Array(8));
const top = await Promise.resolve("awaited");
const text = async (stream) => {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
};

const checks = {
  "top-level await": () => top === "awaited",
  "timer of the boot": async () => (await bootTimer) === "fired",
  "randomness at boot": () => bootRandom.some((byte) => byte),
  "process.env": () => process.env.NODE_ENV === "production",
  "cleared timer": async () => {
    let fired = false;
    clearTimeout(setTimeout(() => (fired = true), 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    return !fired;
  },
  "clone of a response": async () => {
    const response = new Response("abc", { headers: { "x-a": "1" } });
    const copy = response.clone();
    return (await response.text()) === "abc" && (await copy.text()) === "abc" && copy.headers.get("x-a") === "1";
  },
  "no automatic content-length": () => !new Response("abc").headers.has("content-length"),
  "Response.json": async () => (await Response.json({ a: 1 }).json()).a === 1 && Response.json(1).headers.get("content-type") === "application/json",
  "Response.redirect": () => Response.redirect("/x").headers.get("location") === "/x",
  "instanceof Response": () => new Response() instanceof Response && new Response().constructor === Response,
  "subclass of Response": () => new (class extends Response {})("a") instanceof Response,
  "bytes of a response": async () => (await new Response("a").bytes())[0] === 97,
  "URL.canParse": () => URL.canParse("http://a") && !URL.canParse("a") && URL.parse("a") === null,
  "ReadableStream.from": async () => (await text(ReadableStream.from(["a", "b"]))) === "ab",
  "text streams": async () => (await text(ReadableStream.from(["ä"]).pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream()))) === "ä",
  "AbortSignal.any": () => AbortSignal.any([AbortSignal.abort("r")]).reason === "r",
  "performance": () => performance.now() >= 0 && performance.timeOrigin > 1e12,
  "digest": async () => (await crypto.subtle.digest("SHA-256", new Uint8Array(1))).byteLength === 32,
  "structuredClone": () => structuredClone(new Map([[1, 2]])).get(1) === 2,
  "Unicode classes": () => /^\p{Lu}\p{Ll}$/u.test("Äß") && !/\p{L}/u.test("1"),
  "AsyncLocalStorage": async () => {
    const storage = new AsyncLocalStorage();
    const seen = await storage.run("store", async () => {
      await null;
      return storage.getStore();
    });
    return seen === "store" && storage.getStore() === undefined;
  },
  "EventEmitter": () => {
    let sum = 0;
    new EventEmitter().on("n", (n) => (sum += n)).once("n", (n) => (sum += n)).emit("n", 2);
    return sum === 4;
  },
  "setImmediate": () => new Promise((resolve) => setImmediate(resolve, true)),
  "nextTick": () => new Promise((resolve) => process.nextTick(resolve, true)),
  "inspect": () =>
    inspect({ a: [1, "b"], m: new Map([["k", { d: { e: { f: 1 } } }]]), n: null, u: undefined, f() {} })
      === "{\n  a: [ 1, 'b' ],\n  m: Map(1) { 'k' => { d: [Object] } },\n  n: null,\n  u: undefined,\n  f: [Function f]\n}",
  "inspect of a circle": () => {
    const circle = { name: "c" };
    circle.self = circle;
    return inspect(circle) === "{ name: 'c', self: [Circular *] }";
  },
};

export default {
  async fetch() {
    const failed = [];
    for (const [name, check] of Object.entries(checks)) {
      try {
        if ((await check()) !== true) failed.push(name);
      } catch (error) {
        failed.push(`${name}: ${error}`);
      }
    }
    return new Response(failed.join("\n"));
  },
};
