/** A log line, taken apart for display. */
export interface LogLine {
  /** The line as it came; also tells repeated lines apart after a reconnect. */
  raw: string
  at: Date | undefined
  /** `app` or `paas`; empty when the line has another form. */
  source: string
  /** `web.1`, `router`, `api`. */
  process: string
  text: string
}

const FORM = /^(\S+) ([a-z]+)\[([^\]]+)\]: ?(.*)$/s

/** Takes `2026-11-23T05:29:35.123456+00:00 app[web.1]: text` apart; any other line is all text. */
export function parseLogLine(raw: string): LogLine {
  const [, stamp, source, process, text] = FORM.exec(raw) ?? []
  const at = stamp === undefined ? undefined : new Date(stamp)
  if (!at || Number.isNaN(at.getTime())) return { raw, at: undefined, source: "", process: "", text: raw }
  return { raw, at, source: source!, process: process!, text: text! }
}

/** `05:29:35.123` in the browser's time zone. */
export function clock(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0")
  const ms = String(at.getMilliseconds()).padStart(3, "0")
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`
}

// C0 without tab, DEL, C1, and the marks that reorder text: an app must not be able to forge what a reader sees.
const UNPRINTABLE =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Shows control and direction characters as escapes: `\x1b[31m`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`
  })
}

/** A router line as `key=value` pieces, or nothing when it is not one. */
export function routerFields(line: LogLine): { key: string; value: string }[] | undefined {
  if (line.source !== "paas" || line.process !== "router") return undefined
  const found = [...line.text.matchAll(/([a-z_]+)=("[^"]*"|\S*)/g)]
  return found.length > 3 ? found.map(([, key, value]) => ({ key: key!, value: value! })) : undefined
}
