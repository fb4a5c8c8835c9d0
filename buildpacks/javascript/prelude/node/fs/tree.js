// The app's files, read-only at /app: the slug's, through the host's interface.
import { Buffer } from "node:buffer";
import { list, read, stat } from "paas:app/files@0.1.0";

export const ROOT = "/app";
const NUMBERS = { ENOENT: -2, EBADF: -9, EACCES: -13, ENOTDIR: -20, EISDIR: -21, EINVAL: -22, EROFS: -30 };
const WORDS = {
  ENOENT: "no such file or directory", EBADF: "bad file descriptor", EACCES: "permission denied", ENOTDIR: "not a directory",
  EISDIR: "illegal operation on a directory", EINVAL: "invalid argument", EROFS: "read-only file system",
};

/** An error as Node's fs has it. */
export function fault(code, syscall, path) {
  const text = `${code}: ${WORDS[code]}, ${syscall}${path === undefined ? "" : ` '${path}'`}`;
  return Object.assign(new Error(text), { errno: NUMBERS[code], code, syscall, path });
}

/** A path in any of its forms, absolute and without `.` and `..`. */
export function absolute(path) {
  const text = path instanceof URL || path?.href ? decodeURIComponent(new URL(path).pathname) : String(path);
  const parts = [];
  for (const part of (text.startsWith("/") ? text : `${ROOT}/${text}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The path below /app, or undefined for places where nothing is. */
function inside(path) {
  const full = absolute(path);
  if (full === ROOT) return "";
  return full.startsWith(`${ROOT}/`) ? full.slice(ROOT.length + 1) : undefined;
}

const ask = (question, path) => {
  const name = inside(path);
  return name === undefined ? undefined : question(name);
};

/** `{ folder, size }`, or undefined. */
export function look(path) {
  if (absolute(path) === "/") return { folder: true, size: 0 };
  const found = ask(stat, path);
  return found && { folder: found.kind === 1, size: Number(found.size) };
}

export function bytes(path) {
  const content = ask(read, path);
  if (content) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  throw fault(look(path) ? "EISDIR" : "ENOENT", look(path) ? "read" : "open", String(path));
}

export function names(path) {
  if (absolute(path) === "/") return ["app"];
  const found = ask(list, path);
  if (found) return found;
  throw fault(look(path) ? "ENOTDIR" : "ENOENT", "scandir", String(path));
}
