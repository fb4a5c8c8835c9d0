// The engine was built without Unicode's tables: `\p{…}` in a regular expression is a syntax error there. It is written out instead.

/** `code` with the regular expressions that name Unicode properties replaced by ones that list the characters. */
export function lowerRegExps(code, load) {
  if (!/\\[pP]\{/.test(code)) return code;
  const { parse } = load("acorn");
  const rewrite = load("regexpu-core");
  const edits = [];
  parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    onToken: ({ type, value, start, end }) => {
      if (type.label === "regexp" && /[uv]/.test(value.flags) && /\\[pP]\{/.test(value.pattern)) edits.push({ start, end, text: lowered(value, rewrite) });
    },
  });
  return edits.reverse().reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), code);
}

function lowered({ pattern, flags }, rewrite) {
  let newFlags = flags;
  const onNewFlags = (value) => (newFlags = value);
  return `/${rewrite(pattern, flags, { unicodePropertyEscapes: "transform", unicodeSetsFlag: "transform", onNewFlags })}/${newFlags}`;
}
