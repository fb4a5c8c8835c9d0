// The functions of node:fs, each in its synchronous form; index.js makes the other forms of them.
import { Buffer } from "node:buffer";
import { Dirent, Stats } from "./stats.js";
import { absolute, bytes, fault, look, names } from "./tree.js";

/** Open files: number → content and position. 1 and 2 are the log. */
const open = new Map();
let next = 10;
const decode = (buffer, options) => {
  const encoding = typeof options === "string" ? options : options?.encoding;
  return encoding && encoding !== "buffer" ? buffer.toString(encoding) : buffer;
};
const file = (number, syscall) => open.get(number) ?? (() => { throw fault("EBADF", syscall); })();

export const reading = {
  readFile: (path, options) => decode(typeof path === "number" ? file(path, "read").content : bytes(path), options),
  exists: (path) => look(path) !== undefined,
  stat(path, options) {
    const found = look(path);
    if (found) return new Stats(found);
    if (options?.throwIfNoEntry === false) return undefined;
    throw fault("ENOENT", "stat", String(path));
  },
  access(path, mode = 0) {
    if (!look(path)) throw fault("ENOENT", "access", String(path));
    if (mode & 2) throw fault("EROFS", "access", String(path));
  },
  realpath: (path) => (reading.stat(path), absolute(path)),
  readlink(path) {
    reading.stat(path);
    throw fault("EINVAL", "readlink", String(path));
  },
  readdir(path, options) {
    const parent = absolute(path);
    const entries = names(path).map((name) => [name, look(`${parent}/${name}`)?.folder ?? false]);
    const below = options?.recursive ? entries.filter(([, folder]) => folder) : [];
    const here = entries.map(([name, folder]) => (options?.withFileTypes ? new Dirent(name, folder, parent) : name));
    return below.reduce((all, [name]) => {
      const inner = reading.readdir(`${parent}/${name}`, options);
      return all.concat(options.withFileTypes ? inner : inner.map((one) => `${name}/${one}`));
    }, here);
  },
  open(path, flags = "r") {
    if (typeof flags === "string" ? !/^rs?$/.test(flags) : flags & 3) throw fault(look(path)?.folder ? "EISDIR" : "EROFS", "open", String(path));
    open.set(++next, { content: bytes(path), at: 0 });
    return next;
  },
  close: (number) => void (number > 2 && (file(number, "close"), open.delete(number))),
  fstat: (number) => new Stats({ folder: false, size: file(number, "fstat").content.length }),
  read(number, buffer, ...rest) {
    const opened = file(number, "read");
    const { offset = 0, length = buffer.byteLength - offset, position = null } = typeof rest[0] === "object" && rest[0] ? rest[0] : { offset: rest[0], length: rest[1], position: rest[2] };
    const from = position === null || position < 0 ? opened.at : Number(position);
    const count = opened.content.copy(buffer, offset, from, from + length);
    if (position === null || position < 0) opened.at += count;
    return count;
  },
  fsync: () => {},
  fdatasync: () => {},
};
reading.lstat = reading.stat;

/** What would change a file is refused, but for the log. */
export const writing = {
  write(number, data) {
    if (number !== 1 && number !== 2) throw fault("EBADF", "write");
    process[number === 1 ? "stdout" : "stderr"].write(data);
    return Buffer.byteLength(data);
  },
};
for (const name of ["writeFile", "appendFile", "mkdir", "mkdtemp", "rmdir", "rm", "unlink", "rename", "copyFile", "cp", "truncate", "ftruncate",
  "chmod", "chown", "lchown", "fchmod", "fchown", "utimes", "futimes", "lutimes", "symlink", "link"]) {
  writing[name] = (path, ...rest) => {
    if (name === "mkdir" && rest[0]?.recursive && look(path)?.folder) return undefined;
    if (name === "rm" && rest[0]?.force && !look(path)) return undefined;
    throw fault("EROFS", name === "writeFile" ? "open" : name, String(path));
  };
}
