import { useSyncExternalStore } from "react"
import { absolute, ago } from "../lib/time"

const STEP_MS = 10_000
const step = () => Math.floor(Date.now() / STEP_MS)

function subscribe(changed: () => void) {
  const timer = setInterval(changed, STEP_MS / 2)
  return () => clearInterval(timer)
}

/** The present, in steps of ten seconds; whoever shows it is drawn again with each step. */
export function useNow(): Date {
  useSyncExternalStore(subscribe, step)
  return new Date()
}

/** `3 minutes ago`, with the full date and the browser's time zone on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow()
  const date = new Date(at)
  return (
    <time dateTime={at} title={absolute(date)}>
      {ago(date, now)}
    </time>
  )
}
