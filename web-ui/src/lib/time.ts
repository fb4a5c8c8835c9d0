const STEPS: [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [45 * 86400, "day", 86400],
  [540 * 86400, "month", 30.44 * 86400],
  [Infinity, "year", 365.25 * 86400],
]
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" })

/** `3 minutes ago`, `yesterday`; under 10 seconds, and for clocks slightly apart, `just now`. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000)
  if (Math.abs(seconds) < 10) return "just now"
  const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit) ?? STEPS[STEPS.length - 1]!
  return relative.format(-Math.round(seconds / size), unit)
}

/** Date and time in full, in the browser's time zone, which is named. */
export function absolute(at: Date): string {
  return at.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" })
}

/** `Today`, `Yesterday`, `3 November`, and the year when it is another one. */
export function day(at: Date, now: Date): string {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days === 0) return "Today"
  if (days === 1) return "Yesterday"
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric"
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year })
}

/** How long something took: `0.8 s`, `12 s`, `2 min 5 s`. */
export function duration(from: Date, to: Date): string {
  const seconds = Math.max(0, (to.getTime() - from.getTime()) / 1000)
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
