import { describe, expect, it } from "vitest"
import { bars, codeList, megabytes, milliseconds, quantileCells } from "./metrics"

describe("numbers", () => {
  it("have the unit that fits", () => {
    expect([0.041, 0.0052, 1.83, 12.4, 2_000, 61_000].map(milliseconds)).toEqual([
      "41 µs",
      "5.2 µs",
      "1.8 ms",
      "12 ms",
      "2.0 s",
      "61 s",
    ])
    expect([65_536, 2_097_152, 134_217_728].map(megabytes)).toEqual(["0.1 MB", "2.1 MB", "134 MB"])
  })

  it("are dashes where nothing was measured", () => {
    expect(quantileCells(null, megabytes)).toEqual(["–", "–", "–"])
  })

  it("name the codes in their order", () => {
    const release = { requests: 3, cold: 0, status: {}, codes: { H27: 1, H10: 2 } }
    expect(codeList(release)).toBe("H10: 2, H27: 1")
  })
})

describe("bars", () => {
  const minute = (requests: number, errors = 0) => ({ at: "2026-11-23T18:00:00Z", requests, errors })

  it("are parts of the tallest one", () => {
    expect(bars([minute(50, 25), minute(100)]).map((bar) => [bar.height, bar.errorHeight])).toEqual([
      [0.5, 0.25],
      [1, 0],
    ])
  })

  it("can be seen however small they are, and are nothing when nothing was", () => {
    expect(bars([minute(1), minute(10_000), minute(0)]).map((bar) => bar.height)).toEqual([0.03, 1, 0])
    expect(bars([])).toEqual([])
  })
})
