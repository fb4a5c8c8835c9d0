// What apps for Node find around them, beside what all apps find: Buffer, `require`, timers that are objects, and process with its streams.
import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { EventEmitter } from "node:events";
import { process } from "./process.js";
import { requireFrom } from "./require.js";
import { Timeout } from "./node/timers/timeout.js";

const { stdout, stderr } = process;
const { setTimeout, setInterval, clearTimeout } = globalThis;

/** The log as a stream that is never full. */
const stream = ({ write }, fd) =>
  Object.assign(new Writable({ decodeStrings: false, write: (text, _, done) => (write(text), done()) }), { fd, isTTY: false, _type: "fs", getColorDepth: () => 1, hasColors: () => false });

// Not in Node's documentation, but in packages: busboy, and with it every upload, reads so.
for (const encoding of ["ascii", "base64", "base64url", "hex", "latin1", "ucs2", "utf8"]) {
  Buffer.prototype[`${encoding}Slice`] ??= function (start, end) {
    return this.toString(encoding, start, end);
  };
  Buffer.prototype[`${encoding}Write`] ??= function (text, offset = 0, length = this.length - offset) {
    return this.write(text, offset, length, encoding);
  };
}

// Packages take these as "this is Node".
Object.assign(process.versions, { node: process.version.slice(1), v8: "0", uv: "0", modules: "0" });
Object.assign(process, { stdout: stream(stdout, 1), stderr: stream(stderr, 2), stdin: Object.assign(new EventEmitter(), { fd: 0, isTTY: false, resume() {}, pause() {}, setEncoding() {} }) });
process.release.name = "node";
process.binding = (name) => {
  throw new Error(`process.binding(${name}) is not available in an app on this platform`);
};

const timer = (set) => (callback, delay, ...values) => new Timeout(set, clearTimeout, callback, delay, values);
const clear = (id) => clearTimeout(id instanceof Timeout ? id.id : id);
Object.assign(globalThis, {
  Buffer,
  require: requireFrom("/app"),
  setTimeout: timer(setTimeout),
  setInterval: timer(setInterval),
  setImmediate: (callback, ...values) => globalThis.setTimeout(callback, 0, ...values),
  clearTimeout: clear,
  clearInterval: clear,
  clearImmediate: clear,
});
