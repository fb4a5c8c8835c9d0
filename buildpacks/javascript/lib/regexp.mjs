// The engine was built without Unicode's tables: `\p{…}` in a regular expression is a syntax error there. It is written out instead.

const PROPERTY = /\\[pP]\{/;
/** A comment of the bundler's in front of each file: what lies between two of them can be parsed by itself. */
const FILE = /^(?=\/\/ \S+$)/m;
/** An expression that is put together of texts which stand there. */
const CALL = /new RegExp\(("(?:[^"\\\n]|\\.)*"), "([dgimsuvy]*)"\)/g;

/** `code` with the regular expressions that name Unicode properties replaced by ones that list the characters. */
export function lowerRegExps(code, load) {
  if (!PROPERTY.test(code)) return code;
  const tools = { acorn: load("acorn"), rewrite: load("regexpu-core") };
  return code.split(FILE).map((file) => (PROPERTY.test(file) ? inCalls(inLiterals(file, tools), tools) : file)).join("");
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
