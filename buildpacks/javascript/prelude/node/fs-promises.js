// node:fs/promises.
import { reading, writing } from "./fs/sync.js";
import { createReadStream } from "./fs/streams.js";

const later = (run) => async (...values) => run(...values);
const functions = Object.fromEntries(Object.entries({ ...reading, ...writing }).map(([name, run]) => [name, later(run)]));

class FileHandle {
  constructor(path, flags) {
    this.path = path;
    this.fd = reading.open(path, flags);
  }
  async read(buffer, ...rest) {
    const into = buffer?.byteLength === undefined ? (buffer?.buffer ?? Buffer.alloc(16384)) : buffer;
    return { bytesRead: reading.read(this.fd, into, ...rest), buffer: into };
  }
  readFile = async (options) => reading.readFile(this.fd, options);
  stat = async () => reading.fstat(this.fd);
  close = async () => reading.close(this.fd);
  createReadStream = (options) => createReadStream(this.path, options);
}

export const open = async (path, flags) => new FileHandle(path, flags);
export const {
  readFile, stat, lstat, access, realpath, readlink, readdir, writeFile, appendFile, mkdir, mkdtemp, rmdir, rm, unlink, rename, copyFile, cp,
  truncate, chmod, chown, lchown, utimes, lutimes, symlink, link,
} = functions;
export async function* opendir(path) {
  yield* reading.readdir(path, { withFileTypes: true });
}
export const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4 };
