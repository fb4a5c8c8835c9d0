// `process`, as far as it means something where one request is one instance.
import { getEnvironment } from "wasi:cli/environment@0.2.10";
import { format } from "./inspect.js";

/** The release's config vars, and the platform's own. */
export const env = Object.fromEntries(getEnvironment());
env.NODE_ENV ??= "production";

const start = Date.now();
const ignore = () => process;

const text = (data) => (typeof data === "string" ? data : new TextDecoder().decode(data));

const writer = (print) => ({
  isTTY: false,
  write: (data, ...rest) => {
    print(text(data).replace(/\n$/, ""));
    rest.find((value) => typeof value === "function")?.();
    return true;
  },
});

export const process = {
  env,
  argv: ["node", "/app/app.js"],
  argv0: "node",
  execArgv: [],
  execPath: "/usr/bin/node",
  exitCode: undefined,
  version: "v22.12.0",
  // No `node` in here, unless the app is one for Node (node.js): packages take it as "files and sockets are there".
  versions: {},
  platform: "linux",
  arch: "wasm32",
  title: "app",
  pid: 1,
  ppid: 0,
  release: { name: "paas" },
  features: {},
  stdout: writer((text) => console.log(text)),
  stderr: writer((text) => console.error(text)),
  cwd: () => "/app",
  umask: () => 0o022,
  uptime: () => (Date.now() - start) / 1000,
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  nextTick: (callback, ...values) => queueMicrotask(() => callback(...values)),
  hrtime: Object.assign((since = [0, 0]) => {
    const nanoseconds = BigInt(Math.round(performance.now() * 1e6)) - BigInt(since[0]) * 1_000_000_000n - BigInt(since[1]);
    return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
  }, { bigint: () => BigInt(Math.round(performance.now() * 1e6)) }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  getuid: () => 1000,
  getgid: () => 1000,
  emitWarning: (warning) => console.warn(format(warning)),
  // No signal ever comes and nothing can be left open: listeners are never called.
  on: ignore, once: ignore, off: ignore, addListener: ignore, removeListener: ignore, removeAllListeners: ignore, setMaxListeners: ignore,
  emit: () => false,
  listeners: () => [],
  listenerCount: () => 0,
  exit: (code = process.exitCode ?? 0) => {
    throw new Error(`process.exit(${code}) was called`);
  },
  abort: () => {
    throw new Error("process.abort() was called");
  },
};

Object.assign(globalThis, { process, global: globalThis });
