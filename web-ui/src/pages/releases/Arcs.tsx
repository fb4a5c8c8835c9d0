import { useLayoutEffect, useRef, useState } from "react"
import type { Release } from "../../api/client"
import { rolledBackTo } from "../../lib/release"
import styles from "./Timeline.module.css"

/** Bows beside the line of the timeline around it, from the release that a rollback went back to up to the rollback. */
export function Arcs({ releases }: { releases: Release[] }) {
  const drawing = useRef<SVGSVGElement>(null)
  const [arcs, setArcs] = useState<{ key: number; path: string }[]>([])
  useLayoutEffect(() => {
    const box = drawing.current?.parentElement
    if (!box) return
    const draw = () => setArcs(releases.flatMap((release) => arcOf(release, box)))
    const observer = new ResizeObserver(draw)
    observer.observe(box)
    draw()
    return () => observer.disconnect()
  }, [releases])
  return (
    <svg ref={drawing} className={styles.arcs} aria-hidden="true">
      {arcs.map(({ key, path }) => (
        <path key={key} d={path} />
      ))}
    </svg>
  )
}

function arcOf(release: Release, box: HTMLElement): { key: number; path: string }[] {
  const target = rolledBackTo(release)
  const to = middle(release.version, box)
  const from = target === undefined ? undefined : middle(target, box)
  if (from === undefined || to === undefined) return []
  // The line's left edge is at x = 0 of the drawing; longer ways bow further out.
  const bow = -Math.min(30, 16 + (from - to) / 16)
  return [{ key: release.version, path: `M0 ${from} C${bow} ${from} ${bow} ${to} 0 ${to}` }]
}

/** The middle of a release's node, from the top of the timeline; nothing when the release is not shown. */
function middle(version: number, box: HTMLElement): number | undefined {
  const node = box.querySelector(`#v${version} [data-node]`)
  if (!node) return undefined
  const { top, height } = node.getBoundingClientRect()
  return Math.round(top + height / 2 - box.getBoundingClientRect().top)
}
