import { expect, test } from "vitest"
import { ago, day, duration } from "./time"

const now = new Date(2026, 10, 23, 12, 0, 0)
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000)

test("relative times read as people say them", () => {
  expect(ago(before(3), now)).toBe("just now")
  expect(ago(before(-4), now)).toBe("just now")
  expect(ago(before(45), now)).toBe("45 seconds ago")
  expect(ago(before(180), now)).toBe("3 minutes ago")
  expect(ago(before(67 * 60), now)).toBe("1 hour ago")
  expect(ago(before(25 * 3600), now)).toBe("yesterday")
  expect(ago(before(2 * 86400), now)).toBe("2 days ago")
  expect(ago(before(70 * 86400), now)).toBe("2 months ago")
  expect(ago(before(3 * 365.25 * 86400), now)).toBe("3 years ago")
})

test("days are those of the calendar, not of 24 hours", () => {
  expect(day(new Date(2026, 10, 23, 0, 1), now)).toBe("Today")
  expect(day(new Date(2026, 10, 22, 23, 59), now)).toBe("Yesterday")
  expect(day(new Date(2026, 10, 3), now)).toBe("3 November")
  expect(day(new Date(2025, 10, 3), now)).toBe("3 November 2025")
})

test("durations grow coarser", () => {
  expect(duration(before(0.84), now)).toBe("0.8 s")
  expect(duration(before(12.4), now)).toBe("12 s")
  expect(duration(before(125), now)).toBe("2 min 5 s")
})
