import type { Quantiles, ReleaseMetrics } from "../api/client"

/** `41 µs`, `1.8 ms`, `12 s`: two or three digits are enough. */
export function milliseconds(ms: number): string {
  const [value, unit] = ms < 1 ? [ms * 1e3, "µs"] : ms < 1e3 ? [ms, "ms"] : [ms / 1e3, "s"]
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

/** `2.1 MB`, in powers of ten as everywhere here. */
export function megabytes(bytes: number): string {
  const mb = bytes / 1e6
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`
}

/** Half, 95 and 99 of a hundred; nothing where nothing was measured. */
export function quantileCells(
  values: Quantiles | null | undefined,
  unit: (value: number) => string,
): string[] {
  return values ? [values.p50, values.p95, values.p99].map(unit) : ["–", "–", "–"]
}

/** `H10: 2, H27: 1`, in the order of the codes. */
export function codeList(release: ReleaseMetrics): string {
  const codes = Object.entries(release.codes).sort(([a], [b]) => a.localeCompare(b))
  return codes.map(([code, count]) => `${code}: ${count}`).join(", ")
}

export interface Bar {
  /** When the minute began. */
  at: Date
  requests: number
  errors: number
  /** Parts of the tallest bar, 0 to 1. */
  height: number
  errorHeight: number
}

/** The minutes as bars of one picture; a bar that is not empty can always be seen. */
export function bars(minutes: { at: string; requests: number; errors: number }[]): Bar[] {
  const most = Math.max(1, ...minutes.map((minute) => minute.requests))
  const part = (count: number) => (count === 0 ? 0 : Math.max(0.03, count / most))
  return minutes.map(({ at, requests, errors }) => ({
    at: new Date(at),
    requests,
    errors,
    height: part(requests),
    errorHeight: part(errors),
  }))
}
