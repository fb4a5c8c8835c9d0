import { ToggleGroup } from "radix-ui"
import { useMemo, useState, useSyncExternalStore } from "react"
import { openLog } from "../../api/log"
import { noticeSignedOut } from "../../app/query"
import { IconButton } from "../../ui/Button"
import { Icon } from "../../ui/Icon"
import { useAppName } from "../app/AppLayout"
import { LogFeed, type FeedState, type NumberedLine } from "./logFeed"
import { LogList } from "./LogList"
import styles from "./LogsPage.module.css"

/** An app's log as it is written. */
export function LogsPage() {
  const name = useAppName()
  return <LiveLog key={name} name={name} />
}

const SOURCES = [
  { value: "all", label: "All" },
  { value: "app", label: "App" },
  { value: "router", label: "Router" },
  { value: "paas", label: "Platform" },
]

function LiveLog({ name }: { name: string }) {
  const [feed] = useState(() => new LogFeed(() => openLog(name), noticeSignedOut))
  const state = useSyncExternalStore(feed.subscribe, feed.snapshot)
  const [wanted, setWanted] = useState("")
  const [source, setSource] = useState("all")
  const [kept, setKept] = useState<NumberedLine[]>() // what is shown while one reads further up
  const lines = kept ?? state.lines
  const shown = useMemo(() => lines.filter((line) => matches(line, wanted, source)), [lines, wanted, source])
  const newer = kept ? (state.lines.at(-1)?.n ?? 0) - (kept.at(-1)?.n ?? 0) : 0
  return (
    <div className={styles.panel}>
      <title>{`${name} · Log · paas`}</title>
      <div className={styles.toolbar}>
        <label className={styles.filter}>
          <Icon name="filter" size={15} />
          <span className="visually-hidden">Filter lines</span>
          <input
            type="search"
            placeholder="Filter lines"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </label>
        <ToggleGroup.Root
          type="single"
          className={styles.sources}
          value={source}
          onValueChange={(value) => value && setSource(value)}
          aria-label="Source"
        >
          {SOURCES.map(({ value, label }) => (
            <ToggleGroup.Item key={value} value={value}>
              {label}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
        <Status state={state} paused={kept !== undefined} />
        <IconButton icon="trash" label="Clear the view" onClick={() => feed.clear()} />
      </div>
      <LogList
        lines={shown}
        empty={emptyWords(state, wanted !== "" || source !== "all")}
        following={kept === undefined}
        onFollow={(follow) => setKept(follow ? undefined : state.lines)}
        newer={newer}
      />
    </div>
  )
}

function matches(line: NumberedLine, wanted: string, source: string): boolean {
  if (source === "router" && line.process !== "router") return false
  if (source === "paas" && (line.source !== "paas" || line.process === "router")) return false
  if (source === "app" && line.source !== "app") return false
  return wanted === "" || line.raw.toLowerCase().includes(wanted.toLowerCase())
}

function emptyWords(state: FeedState, filtered: boolean): string {
  if (state.problem) return state.problem
  if (state.status === "connecting" && state.lines.length === 0) return "Opening the log…"
  if (filtered && state.lines.length > 0) return "No line matches. Change the filter or the source."
  return "No lines yet. Visit the app, and what it writes to stdout and stderr appears here."
}

function Status({ state, paused }: { state: FeedState; paused: boolean }) {
  const words = {
    connecting: "Connecting…",
    live: paused ? "Paused" : "Live",
    waiting: "Reconnecting…",
    ended: "Ended",
  }[state.status]
  return (
    <span
      className={styles.status}
      role="status"
      data-status={paused ? "paused" : state.status}
      title={state.problem}
    >
      {words}
    </span>
  )
}
