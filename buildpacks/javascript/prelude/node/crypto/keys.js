// Keys: secret ones, as the tokens of jsonwebtoken need them.
import { Buffer } from "node:buffer";
import { bytes } from "./hash.js";

export class KeyObject {
  #bytes;
  type = "secret";
  constructor(content) {
    this.#bytes = Buffer.from(content);
  }
  get symmetricKeySize() {
    return this.#bytes.length;
  }
  export() {
    return this.#bytes;
  }
  equals(other) {
    return this.#bytes.equals(other.export());
  }
}

export const createSecretKey = (key, encoding) => new KeyObject(bytes(key, encoding));

const refuse = (name) => () => {
  throw new Error(`crypto.${name} is not available in an app on this platform. Use crypto.subtle, or a package on it such as jose.`);
};
export const createPrivateKey = refuse("createPrivateKey");
export const createPublicKey = refuse("createPublicKey");
