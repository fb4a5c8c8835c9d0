// A server of Node's that answers with the names of the checks that failed.
const assert = require("assert");
const crypto = require("crypto");
const { EventEmitter, once } = require("events");
const http = require("http");
const os = require("os");
const path = require("path");
const { pipeline } = require("stream/promises");
const { Readable, Transform } = require("stream");
const url = require("url");
const util = require("util");
const zlib = require("zlib");
const { channel } = require("diagnostics_channel");

class Old {}
function Legacy() {
  EventEmitter.call(this);
}
util.inherits(Legacy, EventEmitter);

const checks = {
  Buffer: () => Buffer.from("äö").toString("base64") === "w6TDtg==" && Buffer.concat([Buffer.from([1]), Buffer.from([2])]).readUInt16BE() === 258,
  "hashes": () => crypto.createHash("sha1").update("a").update("b").digest("hex") === "da23614e02469a0d7c7bd1bdab5c9c474b1904dc",
  "keyed hashes": () => crypto.createHmac("sha256", "key").update("a").digest("base64") === "eAuQrGtbqKxfGBdgHS4ZPrDRyKHY2Cn8GoMKRTRy4U0=" || crypto.createHmac("sha256", "key").update("a").digest("hex").length === 64,
  "derived keys": () => crypto.pbkdf2Sync("p", "s", 2, 8, "sha256").length === 8 && crypto.scryptSync("p", "s", 8, { N: 2 }).length === 8,
  "random bytes": () => crypto.randomBytes(8).length === 8 && crypto.randomInt(5) < 5 && crypto.randomUUID().length === 36,
  "paths": () => path.join("/a", "../b", "c.txt") === "/b/c.txt" && path.extname("x.tar.gz") === ".gz" && path.resolve("a") === "/app/a",
  "old URLs": () => url.parse("/a?b=c", true).query.b === "c" && url.format({ pathname: "/x", query: { y: 1 } }) === "/x?y=1",
  "query strings": () => require("querystring").stringify({ a: [1, 2] }) === "a=1&a=2",
  "inherited emitters": () => {
    const legacy = new Legacy();
    let seen;
    legacy.once("x", (value) => (seen = value)).emit("x", 1);
    return seen === 1 && legacy.listenerCount("x") === 0 && Legacy.super_ === EventEmitter;
  },
  "awaited events": async () => {
    const emitter = new EventEmitter();
    setImmediate(() => emitter.emit("x", 5));
    return (await once(emitter, "x"))[0] === 5;
  },
  "streams": async () => {
    let text = "";
    const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
    await pipeline(Readable.from(["a", "b"]), upper, async (source) => {
      for await (const chunk of source) text += chunk;
    });
    return text === "AB";
  },
  "compression": async () => {
    const packed = await util.promisify(zlib.gzip)("hello ".repeat(100));
    return packed.length < 100 && String(await util.promisify(zlib.gunzip)(packed)) === "hello ".repeat(100);
  },
  "assertions": () => assert.throws(() => assert.strictEqual(1, 2)) === undefined,
  "formats": () => util.format("%s %d %j", "a", 1, { b: 2 }) === 'a 1 {"b":2}' && util.inspect(new Old()) === "Old {}" && util.types.isDate(new Date()),
  "timers are objects": () => {
    const timer = setTimeout(() => {}, 1000).unref();
    clearTimeout(timer);
    return typeof timer === "object";
  },
  "channels": () => {
    let seen;
    channel("c").subscribe((message) => (seen = message));
    channel("c").publish(1);
    return seen === 1;
  },
  "stack traces": () => {
    const holder = {};
    Error.captureStackTrace(holder);
    return new Error("x").stack.startsWith("Error: x\n    at ") && holder.stack.includes("    at ");
  },
  "call sites": () => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, sites) => sites;
    const holder = {};
    Error.captureStackTrace(holder);
    const [site] = holder.stack;
    Error.prepareStackTrace = before;
    return site.getFileName() === "server.js" && site.getLineNumber() > 1;
  },
  "places": () => __filename === "/app/server.js" && __dirname === "/app" && process.cwd() === "/app",
  "process": () => process.versions.node.startsWith("22.") && process.argv.length === 2 && process.on("SIGTERM", () => {}) === process,
  "system": () => os.EOL === "\n" && os.cpus().length === 1 && os.tmpdir() === "/tmp",
};

http
  .createServer(async (_, response) => {
    const failed = [];
    for (const [name, check] of Object.entries(checks)) {
      try {
        if ((await check()) !== true) failed.push(name);
      } catch (error) {
        failed.push(`${name}: ${error.stack}`);
      }
    }
    response.end(failed.join("\n"));
  })
  .listen(process.env.PORT);
