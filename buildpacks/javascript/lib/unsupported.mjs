// What a bundle uses of modules and globals that are here in part only: found in the text of its files, so that the push can name it before a visitor does.
import { readFileSync } from "node:fs";

/** Of each module, what is there and throws, or is not there at all. `new X`: only as a constructor. */
const THROWS = {
  cluster: ["fork", "setupPrimary", "setupMaster"],
  crypto: ["createCipheriv", "createDecipheriv", "createDiffieHellman", "createECDH", "createSign", "createVerify", "generateKeyPair", "generateKeyPairSync",
    "privateDecrypt", "publicEncrypt", "sign", "verify"],
  dns: ["resolve", "resolve4", "resolve6", "resolveMx", "resolveSrv", "resolveTxt", "reverse"],
  net: ["connect", "createConnection", "createServer", "new Server", "new Socket"],
  worker_threads: ["new Worker"],
  zlib: ["deflateSync", "deflateRawSync", "gunzipSync", "gzipSync", "inflateSync", "inflateRawSync", "unzipSync"],
};
/** What packages ask for before they use it, and the app's own files may not. */
const OF_OWN_FILES = {
  zlib: ["brotliCompress", "brotliCompressSync", "brotliDecompress", "brotliDecompressSync", "createBrotliCompress", "createBrotliDecompress"],
};
/** Written to, the app's files say EROFS. */
const WRITES = ["appendFile", "appendFileSync", "createWriteStream", "mkdir", "mkdirSync", "rename", "renameSync", "unlink", "unlinkSync", "writeFile", "writeFileSync"];
const GLOBALS = ["EventSource", "SharedArrayBuffer", "WebAssembly", "WebSocket"];
/** What packages load machine code with. */
const NATIVE = ["@mapbox/node-pre-gyp", "bindings", "node-gyp-build", "node-gyp-build-optional-packages", "node-pre-gyp"];
const INSTEAD = { bcrypt: "bcryptjs", "node-sass": "sass" };
/** Uses that only a machine with other standard streams comes to. */
const UNREACHED = /\/node_modules\/debug\/src\/node\.js$/;
const MOST = 4;

/** Each thing, and the files that use it. `files` are `{ path, name, own, imports }`: where it is, what people call it, and the modules it imports. */
export function unsupported(files) {
  const found = new Map();
  for (const { path, name, own, imports } of files.filter((file) => !UNREACHED.test(file.path))) {
    const text = withoutComments(readFileSync(path, "utf8"));
    if (imports.some((module) => NATIVE.includes(module) || module.endsWith(".node"))) found.set(native(name), new Set([name]));
    for (const use of [...imports.flatMap((module) => usesOf(module, text, own)), ...GLOBALS.filter((global) => usesGlobal(global, text))]) {
      found.set(use, (found.get(use) ?? new Set()).add(name));
    }
  }
  return found;
}

/** Names, and how many more there are. */
export const list = (names) => (names.length > MOST ? [...names.slice(0, MOST), `${names.length - MOST} more`] : names).join(", ");

/** Of the package that a file belongs to. */
function native(name) {
  const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(name)?.[1];
  return `native code${owner ? ` of ${owner}` : ""}${INSTEAD[owner] ? ` (${INSTEAD[owner]} does the same without)` : ""}`;
}

const withoutComments = (text) => text.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");

function usesOf(module, text, own) {
  const throws = [...(THROWS[module] ?? []), ...(own ? (OF_OWN_FILES[module] ?? []) : []), ...(own && /^fs\b/.test(module) ? WRITES : [])];
  if (!throws.length) return [];
  const { names, parts } = bound(module, text);
  const uses = (name) => {
    const [plain, made] = [name.replace("new ", ""), name.startsWith("new ")];
    const through = names.some((object) => new RegExp(`${made ? "\\bnew\\s+" : "(?<![.\\w$])"}${object}\\.${plain}\\b`).test(text));
    return through || (parts.has(plain) && new RegExp(`${made ? "\\bnew\\s+" : "(?<![.\\w$])"}${parts.get(plain)}\\s*\\(`).test(text));
  };
  return throws.filter(uses).map((name) => `${module}.${name.replace("new ", "")}`);
}

/** What a file calls a module (as patterns), and what it calls parts of it. */
function bound(module, text) {
  const from = `["'\`](?:node:)?${module}["'\`]`;
  const names = [`require\\(\\s*${from}\\s*\\)`];
  const parts = new Map();
  const take = (pattern, use) => [...text.matchAll(new RegExp(pattern, "g"))].forEach(use);
  take(`\\b(?:const|let|var|,)\\s*([\\w$]+)\\s*=\\s*(?:[\\w$.]+\\()?require\\(\\s*${from}`, ([, name]) => names.push(escaped(name)));
  take(`\\bimport\\s+(?:\\*\\s*as\\s+)?([\\w$]+)(?:\\s*,[^;]*?)?\\s+from\\s*${from}`, ([, name]) => names.push(escaped(name)));
  for (const pattern of [`\\{([^{}]*)\\}\\s*=\\s*require\\(\\s*${from}`, `\\bimport\\s+(?:[\\w$]+\\s*,\\s*)?\\{([^{}]*)\\}\\s*from\\s*${from}`]) {
    take(pattern, ([, inside]) => inside.split(",").forEach((part) => {
      const [name, alias = name] = part.trim().split(/\s*:\s*|\s+as\s+/);
      if (name) parts.set(name, escaped(alias));
    }));
  }
  return { names, parts };
}

const escaped = (name) => name.replaceAll("$", "\\$");

/** Who asks whether it exists can do without. */
function usesGlobal(name, text) {
  const asks = new RegExp(`typeof\\s+(?:globalThis\\.|self\\.)?${name}\\b|["']${name}["']\\s+in\\b|globalThis\\.${name}\\b|[{,]\\s*${name}\\s*[,}]|\\b(?:class|function|const|let|var)\\s+${name}\\b|import[^;]*\\b${name}\\b`);
  return new RegExp(`(?<![.\\w$"'\`])(?:new\\s+${name}\\b|${name}\\.\\w)`).test(text) && !asks.test(text);
}
