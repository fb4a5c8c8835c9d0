// node:fs: the slug's files can be read below /app; nothing can be written.
import { EventEmitter } from "node:events";
import { reading, writing } from "./fs/sync.js";
export { Dirent, Stats } from "./fs/stats.js";
export { createReadStream, createWriteStream, ReadStream, WriteStream } from "./fs/streams.js";
export * as promises from "./fs-promises.js";

/** With a last argument `(error, value) => …`. */
const later = (run) => (...values) => {
  const callback = values.pop();
  let result;
  try {
    result = [null, run(...values)];
  } catch (error) {
    result = [error];
  }
  process.nextTick(() => callback(...result));
};
const functions = { ...reading, ...writing };

export const {
  readFile: readFileSync, exists: existsSync, stat: statSync, lstat: lstatSync, access: accessSync, realpath: realpathSync, readlink: readlinkSync,
  readdir: readdirSync, open: openSync, close: closeSync, fstat: fstatSync, read: readSync, fsync: fsyncSync, fdatasync: fdatasyncSync, write: writeSync,
  writeFile: writeFileSync, appendFile: appendFileSync, mkdir: mkdirSync, mkdtemp: mkdtempSync, rmdir: rmdirSync, rm: rmSync, unlink: unlinkSync,
  rename: renameSync, copyFile: copyFileSync, cp: cpSync, truncate: truncateSync, ftruncate: ftruncateSync, chmod: chmodSync, chown: chownSync,
  lchown: lchownSync, fchmod: fchmodSync, fchown: fchownSync, utimes: utimesSync, futimes: futimesSync, lutimes: lutimesSync, symlink: symlinkSync, link: linkSync,
} = functions;
export const {
  readFile, stat, lstat, access, realpath, readlink, readdir, open, close, fstat, fsync, fdatasync, writeFile, appendFile, mkdir, mkdtemp, rmdir, rm,
  unlink, rename, copyFile, cp, truncate, ftruncate, chmod, chown, lchown, fchmod, fchown, utimes, futimes, lutimes, symlink, link,
} = Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, later(run)]));
export const exists = (path, callback) => process.nextTick(callback, existsSync(path));
export const read = later((number, buffer, ...rest) => readSync(number, buffer, ...rest));
export const write = later((number, data) => writeSync(number, data));
realpathSync.native = realpathSync;
realpath.native = realpath;

/** Nothing ever changes. */
export const watch = () => Object.assign(new EventEmitter(), { close() {}, ref() {}, unref() {} });
export const watchFile = watch;
export const unwatchFile = () => {};
export const opendirSync = (path) => readdirSync(path, { withFileTypes: true }).values();
export const [F_OK, X_OK, W_OK, R_OK] = [0, 1, 2, 4];
export const constants = { F_OK, X_OK, W_OK, R_OK, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, S_IFMT: 0o170000, S_IFREG: 0o100000, S_IFDIR: 0o40000, COPYFILE_EXCL: 1 };
