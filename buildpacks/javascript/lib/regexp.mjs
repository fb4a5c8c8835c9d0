// The engine was built without Unicode's tables: `\p{…}` in a regular expression is a syntax error there. It is written out instead.
//
// Loading the tables takes as long as bundling a small app, so what was written out is kept for the next build.
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROPERTY = /\\[pP]\{/;
/** A comment of the bundler's in front of each file: what lies between two of them can be parsed by itself. */
const FILE = /^(?=\/\/ \S+$)/m;
/** An expression that is put together of texts which stand there. */
const CALL = /new RegExp\(("(?:[^"\\\n]|\\.)*"), "([dgimsuvy]*)"\)/g;

/** `code` with the regular expressions that name Unicode properties replaced by ones that list the characters. `part` of the bundle it is. */
export function lowerRegExps(code, load, part) {
  if (!PROPERTY.test(code)) return code;
  const kept = new Kept(`regexps-${part}.json`);
  const written = (file) => kept.get(file, () => inCalls(inLiterals(file, tools(load)), tools(load)));
  const whole = code.split(FILE).map((file) => (PROPERTY.test(file) ? written(file) : file)).join("");
  kept.save();
  return whole;
}

const tools = (load) => ({ acorn: load("acorn"), rewrite: load("regexpu-core") });

/** What a file of the cache holds: nothing, if it is not there or not whole. */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

/** The app's files with their expressions written out, by a hash of their text; those that this build does not ask for are forgotten. */
class Kept {
  #path;
  /** Another version of them may write an expression differently. */
  #tools = readFileSync(join(process.env.PAAS_TOOLCHAIN_DIR, "package-lock.json"));
  #before;
  #now = {};
  constructor(file) {
    this.#path = process.env.PAAS_CACHE_DIR && join(process.env.PAAS_CACHE_DIR, file);
    this.#before = read(this.#path);
  }
  get(text, make) {
    const key = createHash("sha256").update(this.#tools).update(text).digest("hex");
    return (this.#now[key] ??= this.#before[key] ?? make());
  }
  save() {
    const [before, now] = [this.#before, this.#now].map((files) => Object.keys(files).sort().join());
    if (!this.#path || before === now) return;
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#now));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function inLiterals(code, { acorn, rewrite }) {
  const edits = [];
  const onToken = ({ type, value, start, end }) => {
    if (type.label === "regexp" && needed(value.pattern, value.flags)) edits.push({ start, end, text: literal(lowered(value.pattern, value.flags, rewrite)) });
  };
  acorn.parse(code, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true, onToken });
  return edits.reverse().reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), code);
}

function inCalls(code, { rewrite }) {
  return code.replace(CALL, (call, quoted, flags) => {
    if (!needed(quoted, flags)) return call;
    try {
      const { pattern, flags: newFlags } = lowered(JSON.parse(quoted), flags, rewrite);
      return `new RegExp(${JSON.stringify(pattern)}, "${newFlags}")`;
    } catch {
      // What is wrong stays wrong: the app hears of it where it uses it.
      return call;
    }
  });
}

const needed = (pattern, flags) => /[uv]/.test(flags) && PROPERTY.test(pattern);
const literal = ({ pattern, flags }) => `/${pattern}/${flags}`;

function lowered(source, flags, rewrite) {
  let newFlags = flags;
  const pattern = rewrite(source, flags, { unicodePropertyEscapes: "transform", unicodeSetsFlag: "transform", onNewFlags: (value) => (newFlags = value) });
  return { pattern, flags: newFlags };
}
