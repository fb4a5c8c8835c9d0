// Files as streams.
import { Readable, Writable } from "node:stream";
import { bytes, fault } from "./tree.js";

const CHUNK_BYTES = 64 * 1024;

export class ReadStream extends Readable {
  #rest;
  constructor(path, options = {}) {
    const { encoding, start = 0, end = Infinity, highWaterMark = CHUNK_BYTES } = typeof options === "string" ? { encoding: options } : options;
    super({ encoding, highWaterMark });
    Object.assign(this, { path, start, end, fd: null, bytesRead: 0, flags: "r" });
  }
  _construct(done) {
    try {
      this.#rest = bytes(this.path).subarray(this.start, this.end + 1);
    } catch (error) {
      return done(error);
    }
    done();
    this.emit("open", 0);
    this.emit("ready");
  }
  _read(size) {
    const part = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(part.length);
    this.bytesRead += part.length;
    this.push(part.length ? part : null);
  }
  close(callback) {
    if (callback) this.once("close", callback);
    this.destroy();
  }
}

/** Only the log can be written. */
export class WriteStream extends Writable {
  #print;
  constructor(path, { fd } = {}) {
    super();
    this.path = path;
    this.#print = { 1: process.stdout, 2: process.stderr }[fd];
  }
  _construct(done) {
    done(this.#print ? null : fault("EROFS", "open", String(this.path)));
  }
  _write(chunk, _encoding, done) {
    this.#print.write(chunk);
    done();
  }
}

export const createReadStream = (path, options) => new ReadStream(path, options ?? {});
export const createWriteStream = (path, options) => new WriteStream(path, options ?? {});
