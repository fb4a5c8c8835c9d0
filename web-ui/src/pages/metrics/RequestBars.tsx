import { bars } from "../../lib/metrics"
import styles from "./MetricsPage.module.css"

const WIDTH = 600
const HEIGHT = 96
const GAP = 2

interface Props {
  minutes: { at: string; requests: number; errors: number }[]
}

/** The last hour as a picture: a bar for each minute, its errors in red. */
export function RequestBars({ minutes }: Props) {
  const shown = bars(minutes)
  const step = WIDTH / Math.max(1, shown.length)
  const requests = shown.reduce((sum, bar) => sum + bar.requests, 0)
  const errors = shown.reduce((sum, bar) => sum + bar.errors, 0)
  const most = Math.max(0, ...shown.map((bar) => bar.requests))
  const words = `${requests} requests in the last hour, ${errors} of them errors, ${most} in the busiest minute`
  return (
    <figure className={styles.figure}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={styles.bars}
        role="img"
        aria-label={words}
      >
        {shown.map(({ at, requests, errors, height, errorHeight }, n) => (
          <g key={at.getTime()}>
            <title>{`${clock(at)}: ${requests} requests, ${errors} errors`}</title>
            <rect className={styles.slot} x={n * step} width={step - GAP} height={HEIGHT} />
            <Bar className={styles.requests} x={n * step} width={step - GAP} part={height} />
            <Bar className={styles.errors} x={n * step} width={step - GAP} part={errorHeight} />
          </g>
        ))}
      </svg>
      <figcaption className={styles.caption}>
        <span>An hour ago</span>
        <span>{most > 0 ? `at most ${most} a minute` : "no requests in the last hour"}</span>
        <span>Now</span>
      </figcaption>
    </figure>
  )
}

function Bar({ className, x, width, part }: { className?: string; x: number; width: number; part: number }) {
  const height = part * HEIGHT
  return <rect className={className} x={x} y={HEIGHT - height} width={width} height={height} />
}

const clock = (at: Date) => at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
