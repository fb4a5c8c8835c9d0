import { ApiError } from "../../api/client"
import { type LogLine, parseLogLine } from "../../lib/logLine"

/** How many lines the page holds; older ones fall away. */
export const MAX_LINES = 5_000
const BATCH_MS = 80
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

export interface NumberedLine extends LogLine {
  /** Counts up over the life of the feed. */
  n: number
}

export interface FeedState {
  lines: NumberedLine[]
  status: "connecting" | "live" | "waiting" | "ended"
  problem?: string
}

/**
 * Follows a log: opens a stream, opens another one after a pause that doubles when it breaks, and leaves out what a new
 * stream repeats. Lines are handed on in batches, so that a chatty app doesn't redraw the page for each of them.
 */
export class LogFeed {
  private state: FeedState = { lines: [], status: "connecting" }
  private incoming: string[] = []
  private known = new Set<string>()
  private count = 0
  private failures = 0
  private stream: EventSource | undefined
  private timers = new Set<ReturnType<typeof setTimeout>>()
  private listeners = new Set<() => void>()
  /** Which run of the feed: what an earlier one still waits for is dropped. */
  private run = 0

  constructor(
    private readonly open: () => Promise<EventSource>,
    private readonly onRefused: (error: unknown) => void,
  ) {}

  readonly snapshot = () => this.state

  /** The feed runs while anybody listens. */
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    if (this.listeners.size === 1) this.start()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) this.stop()
    }
  }

  private start() {
    addEventListener("online", this.hurry)
    void this.connect()
  }

  private stop() {
    this.run++
    removeEventListener("online", this.hurry)
    this.timers.forEach(clearTimeout)
    this.stream?.close()
  }

  clear() {
    this.set({ lines: [] })
  }

  /** The network is back: no need to wait any longer. */
  private readonly hurry = () => {
    if (this.state.status === "waiting") void this.connect()
  }

  private async connect() {
    this.timers.forEach(clearTimeout)
    this.timers.clear()
    this.flush()
    this.set({ status: "connecting" })
    const run = this.run
    try {
      const stream = await this.open()
      if (run !== this.run) return stream.close()
      this.listen(stream)
    } catch (error) {
      if (run !== this.run) return
      this.onRefused(error)
      const final = error instanceof ApiError && [401, 403, 404].includes(error.status)
      if (final) return this.set({ status: "ended", problem: error.message })
      this.wait(error instanceof Error ? error.message : undefined)
    }
  }

  private listen(stream: EventSource) {
    this.stream = stream
    this.known = new Set(this.state.lines.map(({ raw }) => raw))
    stream.onopen = () => {
      this.failures = 0
      this.set({ status: "live", problem: undefined })
    }
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      if (this.known.delete(data)) return // came over the former stream already
      this.incoming.push(data)
      if (this.incoming.length === 1) this.later(this.flush, BATCH_MS)
    }
    stream.onerror = () => {
      stream.close() // it would try the same session again, which the platform may have forgotten
      this.wait()
    }
  }

  private wait(problem?: string) {
    this.set({ status: "waiting", problem })
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++)
    this.later(() => void this.connect(), longest * (0.75 + Math.random() / 4))
  }

  private readonly flush = () => {
    if (this.incoming.length === 0) return
    const fresh = this.incoming.map((raw) => ({ ...parseLogLine(raw), n: ++this.count }))
    this.incoming = []
    this.set({ lines: [...this.state.lines, ...fresh].slice(-MAX_LINES) })
  }

  private later(action: () => void, ms: number) {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      action()
    }, ms)
    this.timers.add(timer)
  }

  private set(part: Partial<FeedState>) {
    this.state = { ...this.state, ...part }
    this.listeners.forEach((listener) => listener())
  }
}
