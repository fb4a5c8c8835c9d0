import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { ApiError } from "../../api/client"
import { LogFeed, MAX_LINES } from "./logFeed"

/** What the browser's EventSource is to the feed. */
class Stream {
  onopen?: () => void
  onmessage?: (event: { data: string }) => void
  onerror?: () => void
  closed = false
  close() {
    this.closed = true
  }
}

const line = (text: string) => `2026-11-23T05:29:35.123456+00:00 app[web.1]: ${text}`
const texts = (feed: LogFeed) => feed.snapshot().lines.map(({ text }) => text)
let streams: Stream[]

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("addEventListener", vi.fn())
  vi.stubGlobal("removeEventListener", vi.fn())
  streams = []
})
afterEach(() => vi.useRealTimers())

async function started() {
  const feed = new LogFeed(
    async () => {
      const stream = new Stream()
      streams.push(stream)
      return stream as unknown as EventSource
    },
    () => undefined,
  )
  const stop = feed.subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(0)
  streams[0]!.onopen?.()
  return { feed, stop }
}

test("a broken stream is followed by another one, without repeating lines", async () => {
  const { feed } = await started()
  for (const text of ["a", "b"]) streams[0]!.onmessage?.({ data: line(text) })
  streams[0]!.onerror?.()
  expect(streams[0]!.closed).toBe(true)
  expect(feed.snapshot().status).toBe("waiting")
  await vi.advanceTimersByTimeAsync(1_000)
  streams[1]!.onopen?.()
  for (const text of ["a", "b", "c"]) streams[1]!.onmessage?.({ data: line(text) })
  await vi.advanceTimersByTimeAsync(100)
  expect(texts(feed)).toEqual(["a", "b", "c"])
  expect(feed.snapshot().status).toBe("live")
})

test("old lines fall away", async () => {
  const { feed } = await started()
  for (let n = 0; n < MAX_LINES + 10; n++) streams[0]!.onmessage?.({ data: line(String(n)) })
  await vi.advanceTimersByTimeAsync(100)
  expect(feed.snapshot().lines).toHaveLength(MAX_LINES)
  expect(texts(feed)[0]).toBe("10")
})

test("a refusal that will not change ends the feed", async () => {
  const feed = new LogFeed(
    () => Promise.reject(new ApiError(404, "not_found", "There is no app called x.")),
    () => undefined,
  )
  feed.subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(feed.snapshot()).toMatchObject({ status: "ended", problem: "There is no app called x." })
})

test("a feed nobody listens to connects no more", async () => {
  const { stop } = await started()
  streams[0]!.onerror?.()
  stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(streams).toHaveLength(1)
})
