import { useVirtualizer } from "@tanstack/react-virtual"
import { useLayoutEffect, useRef } from "react"
import { Button } from "../../ui/Button"
import type { NumberedLine } from "./logFeed"
import { LogRow } from "./LogRow"
import styles from "./LogsPage.module.css"

interface Props {
  lines: NumberedLine[]
  /** What to say when there are none. */
  empty: string
  following: boolean
  onFollow: (follow: boolean) => void
  /** How many lines came since one stopped following. */
  newer: number
}

const ROW_PX = 22
/** So near to the end counts as at the end. */
const NEAR_PX = 30

/** The lines in view, drawn few at a time; keeps to the end until one scrolls up, and again from the end on. */
export function LogList({ lines, empty, following, onFollow, newer }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const sheet = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => lines[index]?.n ?? index,
    overscan: 20,
  })
  // At the end, the end is what must not move; further up, the line one reads.
  rows.shouldAdjustScrollPositionOnItemSizeChange = following ? () => false : undefined

  // New lines, lines that turn out to wrap, another width: all of them change a size.
  useLayoutEffect(() => {
    if (!following || !box.current || !sheet.current) return
    const frame = box.current
    const toEnd = () => (frame.scrollTop = frame.scrollHeight)
    const observer = new ResizeObserver(toEnd)
    observer.observe(frame)
    observer.observe(sheet.current)
    toEnd()
    return () => observer.disconnect()
  }, [following])

  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX
    const upwards = scrollTop < lastTop.current
    lastTop.current = scrollTop
    if (atEnd && !following) onFollow(true)
    else if (!atEnd && upwards && following) onFollow(false)
  }
  return (
    <div className={styles.frame}>
      <div
        ref={box}
        className={styles.lines}
        role="log"
        aria-live="off"
        aria-label="Log"
        tabIndex={0}
        onScroll={onScroll}
      >
        {lines.length === 0 && <p className={styles.empty}>{empty}</p>}
        <div ref={sheet} className={styles.sheet} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ key, index, start }) => (
            <div
              key={key}
              ref={rows.measureElement}
              data-index={index}
              className={styles.slot}
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogRow line={lines[index]!} />
            </div>
          ))}
        </div>
      </div>
      {!following && (
        <div className={styles.latest}>
          <Button small look="primary" onClick={() => onFollow(true)}>
            {newer > 0 ? `${newer.toLocaleString("en")} newer lines` : "Follow"} ↓
          </Button>
        </div>
      )}
    </div>
  )
}
