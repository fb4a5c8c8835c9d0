/** A line that could not be understood, by its number from 1. */
export interface EnvProblem {
  line: number
  text: string
}

export interface Env {
  vars: { key: string; value: string }[]
  problems: EnvProblem[]
}

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" }

/**
 * Reads what people keep in `.env` files: `KEY=VALUE`, `export KEY=VALUE`, comments, single quotes (taken as they are)
 * and double quotes (`\n` and the like are understood); a quoted value may run over several lines.
 */
export function parseEnv(text: string): Env {
  const env: Env = { vars: [], problems: [] }
  const lines = text.replaceAll("\r\n", "\n").split("\n")
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!.trim()
    if (line === "" || line.startsWith("#")) continue
    const [, key, rest] = ASSIGNMENT.exec(line) ?? []
    if (key === undefined || rest === undefined) {
      env.problems.push({ line: at + 1, text: line })
      continue
    }
    const value = readValue(rest, lines, at)
    at = value.last
    env.vars.push({ key, value: value.text })
  }
  return env
}

/** True when a paste is meant as several vars rather than as one value. */
export function looksLikeEnv(text: string): boolean {
  const { vars, problems } = parseEnv(text)
  return vars.length > 0 && problems.length === 0
}

function readValue(rest: string, lines: string[], at: number): { text: string; last: number } {
  const quote = rest[0]
  if (quote !== '"' && quote !== "'") return { text: rest.replace(/\s+#.*$/, "").trim(), last: at }
  let body = rest.slice(1)
  let last = at
  let end = closing(body, quote)
  while (end === -1 && last + 1 < lines.length) {
    body += "\n" + lines[++last]!
    end = closing(body, quote)
  }
  if (end === -1) return { text: rest, last: at } // no closing quote: an ordinary value that begins with one
  const inner = body.slice(0, end)
  return { text: quote === '"' ? unescape(inner) : inner, last }
}

function closing(body: string, quote: string): number {
  for (let at = 0; at < body.length; at++) {
    if (body[at] === "\\" && quote === '"') at++
    else if (body[at] === quote) return at
  }
  return -1
}

const unescape = (text: string) => text.replace(/\\(.)/g, (whole, char: string) => ESCAPES[char] ?? whole)
