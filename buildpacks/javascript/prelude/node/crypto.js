// node:crypto: hashes, keyed hashes, derived keys and randomness. Ciphers and signatures are crypto.subtle's.
import { Buffer } from "node:buffer";
import { hkdf as expand } from "toolchain:@noble/hashes/hkdf.js";
import { pbkdf2 as derive } from "toolchain:@noble/hashes/pbkdf2.js";
import { scrypt as scryptNow } from "toolchain:@noble/hashes/scrypt.js";
import { algorithm, bytes } from "./crypto/hash.js";
export { createHash, createHmac, getHashes, hash, Hash, Hmac } from "./crypto/hash.js";
export { createSecretKey, createPrivateKey, createPublicKey, KeyObject } from "./crypto/keys.js";
export { getRandomValues, pseudoRandomBytes, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, webcrypto } from "./crypto/random.js";

export const { subtle } = globalThis.crypto;

export function timingSafeEqual(left, right) {
  if (left.byteLength !== right.byteLength) throw new RangeError("Input buffers must have the same byte length");
  const [a, b] = [left, right].map((view) => new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength));
  return a.reduce((difference, byte, index) => difference | (byte ^ b[index]), 0) === 0;
}

/** With a last argument `(error, value) => …`. */
const later = (run) => (...values) => {
  const callback = values.pop();
  setImmediate(() => {
    let result;
    try {
      result = [null, run(...values)];
    } catch (error) {
      result = [error];
    }
    callback(...result);
  });
};

export const pbkdf2Sync = (password, salt, c, dkLen, digest) => Buffer.from(derive(algorithm(digest), bytes(password), bytes(salt), { c, dkLen }));
export const pbkdf2 = later(pbkdf2Sync);
export function scryptSync(password, salt, dkLen, { N, cost, r, blockSize, p, parallelization } = {}) {
  const options = { N: N ?? cost ?? 16384, r: r ?? blockSize ?? 8, p: p ?? parallelization ?? 1, dkLen };
  return Buffer.from(scryptNow(bytes(password), bytes(salt), options));
}
export const scrypt = later(scryptSync);
export const hkdfSync = (digest, key, salt, info, length) => Uint8Array.from(expand(algorithm(digest), bytes(key), bytes(salt), bytes(info), length)).buffer;
const hkdfLater = later(hkdfSync);
export { hkdfLater as hkdf };
export const constants = {};
export const getCiphers = () => [];
export const getCurves = () => [];

const refuse = (name) => () => {
  throw new Error(`crypto.${name} is not available in an app on this platform. Use crypto.subtle, or a package written in JavaScript.`);
};
export const createCipheriv = refuse("createCipheriv");
export const createDecipheriv = refuse("createDecipheriv");
export const createSign = refuse("createSign");
export const createVerify = refuse("createVerify");
export const sign = refuse("sign");
export const verify = refuse("verify");
export const createDiffieHellman = refuse("createDiffieHellman");
export const createECDH = refuse("createECDH");
export const generateKeyPair = refuse("generateKeyPair");
export const generateKeyPairSync = refuse("generateKeyPairSync");
export const publicEncrypt = refuse("publicEncrypt");
export const privateDecrypt = refuse("privateDecrypt");
