// createHash and createHmac on noble's hashes: they answer at once, which the web's digest does not.
import { Buffer } from "node:buffer";
import { hmac } from "toolchain:@noble/hashes/hmac.js";
import { md5, ripemd160, sha1 } from "toolchain:@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512 } from "toolchain:@noble/hashes/sha2.js";
import { Transform } from "node:stream";

const ALGORITHMS = { md5, rmd160: ripemd160, ripemd160, sha1, sha224, sha256, sha384, sha512 };

/** noble's function for one of Node's names. */
export function algorithm(name) {
  const found = ALGORITHMS[String(name).toLowerCase().replace(/^rsa-/, "").replace(/^sha-/, "sha")];
  if (!found) throw Object.assign(new Error(`Digest method ${name} is not supported; there are ${Object.keys(ALGORITHMS).join(", ")}`), { code: "ERR_CRYPTO_INVALID_DIGEST" });
  return found;
}

export function bytes(data, encoding) {
  if (typeof data === "string") return Buffer.from(data, encoding);
  if (typeof data?.export === "function") return data.export();
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}
const encoded = (digest, encoding) => (encoding && encoding !== "buffer" ? Buffer.from(digest).toString(encoding) : Buffer.from(digest));

/** Most are used without being a stream, and a stream is dear: it becomes one when it is piped into. */
class Digest {
  #state;
  constructor(state) {
    this.#state = state;
  }
  update(data, encoding) {
    this.#state.update(bytes(data, encoding));
    return this;
  }
  digest(encoding) {
    return encoded(this.#state.digest(), encoding);
  }
  copy() {
    return new this.constructor(this.#state.clone());
  }
  write(data, encoding) {
    this.update(data, encoding);
    return true;
  }
  end(data, encoding) {
    if (data) this.update(data, encoding);
    this.result = this.digest();
  }
  read() {
    return this.result;
  }
  on(...values) {
    return this.#stream().on(...values);
  }
  once(...values) {
    return this.#stream().once(...values);
  }
  emit() {
    return false;
  }
  pipe(target) {
    return this.#stream().pipe(target);
  }
  #stream() {
    const digest = this;
    const stream = new Transform({
      transform: (chunk, _, done) => (digest.update(chunk), done()),
      flush: (done) => done(null, digest.digest()),
    });
    Object.assign(this, { on: stream.on.bind(stream), once: stream.once.bind(stream), emit: stream.emit.bind(stream), pipe: stream.pipe.bind(stream),
      write: stream.write.bind(stream), end: stream.end.bind(stream), read: stream.read.bind(stream) });
    return stream;
  }
}
export class Hash extends Digest {}
export class Hmac extends Digest {}

export const createHash = (name) => new Hash(algorithm(name).create());
export const createHmac = (name, key) => new Hmac(hmac.create(algorithm(name), bytes(key)));
export const hash = (name, data, encoding = "hex") => encoded(algorithm(name)(bytes(data)), encoding);
export const getHashes = () => Object.keys(ALGORITHMS);
