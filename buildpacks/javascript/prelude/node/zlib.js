// node:zlib as streams, on the engine's own compression. What answers at once (`gzipSync`) does not exist: the engine cannot.
import { Buffer } from "node:buffer";
import { Transform } from "node:stream";

/** A Node stream around a web CompressionStream or DecompressionStream. */
class Zlib extends Transform {
  #writer;
  #drained;
  constructor(make) {
    super();
    const { readable, writable } = make();
    this.#writer = writable.getWriter();
    // Node's form reports it once, by `error`.
    this.#writer.closed.catch(() => {});
    this.#drained = this.#forward(readable.getReader());
    this.#drained.catch(() => {});
    this.bytesWritten = 0;
  }
  async #forward(reader) {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    }
  }
  _transform(chunk, _encoding, done) {
    this.bytesWritten += chunk.length;
    this.#writer.write(new Uint8Array(chunk)).then(() => done(), (error) => done(bad(error)));
  }
  _flush(done) {
    Promise.all([this.#writer.close(), this.#drained]).then(() => done(), (error) => done(bad(error)));
  }
  flush(kind, callback = kind) {
    if (typeof callback === "function") process.nextTick(callback);
  }
  params(_level, _strategy, callback) {
    process.nextTick(callback);
  }
  close(callback) {
    if (callback) this.once("close", callback);
    this.destroy();
  }
}
const bad = (error) => Object.assign(new Error(error.message || "incorrect header check"), { code: "Z_DATA_ERROR", errno: -3 });
const type = (make) => class extends Zlib {
  constructor() {
    super(make);
  }
};

export const Gzip = type(() => new CompressionStream("gzip"));
export const Gunzip = type(() => new DecompressionStream("gzip"));
export const Deflate = type(() => new CompressionStream("deflate"));
export const Inflate = type(() => new DecompressionStream("deflate"));
export const DeflateRaw = type(() => new CompressionStream("deflate-raw"));
export const InflateRaw = type(() => new DecompressionStream("deflate-raw"));
export const Unzip = Gunzip;
export const createGzip = () => new Gzip();
export const createGunzip = () => new Gunzip();
export const createDeflate = () => new Deflate();
export const createInflate = () => new Inflate();
export const createDeflateRaw = () => new DeflateRaw();
export const createInflateRaw = () => new InflateRaw();
export const createUnzip = () => new Gunzip();

/** `(data, options, callback)`, the whole at once. */
const whole = (create) => (data, options, callback = options) => {
  const [stream, parts] = [create(), []];
  stream.on("data", (part) => parts.push(part)).on("end", () => callback(null, Buffer.concat(parts))).on("error", callback);
  stream.end(Buffer.from(data));
};
export const gzip = whole(createGzip);
export const gunzip = whole(createGunzip);
export const deflate = whole(createDeflate);
export const inflate = whole(createInflate);
export const deflateRaw = whole(createDeflateRaw);
export const inflateRaw = whole(createInflateRaw);
export const unzip = whole(createUnzip);

const refuse = (name) => () => {
  throw new Error(`zlib.${name} is not available in an app on this platform. Use the form with a callback or a stream.`);
};
export const gzipSync = refuse("gzipSync");
export const gunzipSync = refuse("gunzipSync");
export const deflateSync = refuse("deflateSync");
export const inflateSync = refuse("inflateSync");
export const deflateRawSync = refuse("deflateRawSync");
export const inflateRawSync = refuse("inflateRawSync");
export const unzipSync = refuse("unzipSync");
// Nothing of brotli, not even to refuse it: packages look whether it is there, and offer it to visitors and hosts if it is.
export { default as constants } from "./zlib-constants.js";
