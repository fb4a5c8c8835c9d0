// The file that `node script.js` starts, made one that says what its top level leaves running: a promise that nobody waits for is how most scripts begin
// (`main()`), and its end is theirs.
import { extname } from "node:path";

const MAIN = /\brequire\.main\s*===?\s*module\b|\bmodule\s*===?\s*require\.main\b|\bimport\.meta\.main\b/g;
const TYPED = { ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".jsx": "jsx" };
/** Of prelude/once.js. */
const LEFT = "__paas_left";

/** `text` with the same lines. What cannot be read is left to the bundler to tell. */
export function asProgram(text, path, load) {
  const typed = TYPED[extname(path)];
  try {
    const script = typed ? load("esbuild").transformSync(text, { loader: typed, sourcefile: path, sourcemap: "inline", jsx: "automatic" }).code : text;
    return { contents: told(script.replace(MAIN, "true"), load("acorn")), loader: "js" };
  } catch {
    return { contents: text, loader: typed ?? "js" };
  }
}

function told(code, acorn) {
  const options = { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true, allowHashBang: true };
  let edits = [];
  calls(acorn.parse(code, options).body, ({ start, end }) => edits.push({ at: start, text: `${LEFT}(` }, { at: end, text: ")" }));
  edits.sort((one, other) => other.at - one.at);
  return edits.reduce((whole, { at, text }) => whole.slice(0, at) + text + whole.slice(at), code);
}

/** The calls that stand as statements of the top level. */
function calls(statements, found) {
  for (const statement of statements) {
    if (statement?.type === "ExpressionStatement") {
      const { expression } = statement;
      const call = expression.type === "UnaryExpression" && expression.operator === "void" ? expression.argument : expression;
      if (call.type === "CallExpression" || call.type === "ChainExpression") found(call);
    }
    if (statement?.type === "BlockStatement") calls(statement.body, found);
    if (statement?.type === "IfStatement") calls([statement.consequent, statement.alternate], found);
    if (statement?.type === "TryStatement") calls([statement.block], found);
  }
}
