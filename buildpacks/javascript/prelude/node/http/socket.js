// What apps look at of a connection. There is none: the platform's router holds it.
import { EventEmitter } from "node:events";

export class Socket extends EventEmitter {
  remoteAddress = "127.0.0.1";
  remoteFamily = "IPv4";
  remotePort = 0;
  localAddress = "127.0.0.1";
  localPort = 0;
  bytesRead = 0;
  bytesWritten = 0;
  readable = true;
  writable = true;
  destroyed = false;
  connecting = false;
  encrypted;

  constructor({ encrypted = false } = {}) {
    super();
    this.encrypted = encrypted;
  }
  address() {
    return { address: this.localAddress, family: "IPv4", port: this.localPort };
  }
  destroy(error) {
    this.destroyed = true;
    this.writable = this.readable = false;
    if (error) process.nextTick(() => this.listenerCount("error") && this.emit("error", error));
    process.nextTick(() => this.emit("close", Boolean(error)));
    return this;
  }
  end() {
    return this;
  }
  getPeerCertificate() {
    return {};
  }
  cork() {}
  uncork() {}
}
for (const name of ["setTimeout", "setNoDelay", "setKeepAlive", "ref", "unref", "pause", "resume", "setEncoding"]) {
  Socket.prototype[name] = function () {
    return this;
  };
}
