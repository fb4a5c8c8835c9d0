import { useState } from "react"
import type { Release } from "../../api/client"
import { grouped } from "../../lib/release"
import { day } from "../../lib/time"
import { Button } from "../../ui/Button"
import { useNow } from "../../ui/Time"
import { Arcs } from "./Arcs"
import { ReleaseItem } from "./ReleaseItem"
import styles from "./Timeline.module.css"

interface Props {
  name: string
  releases: Release[]
  /** A rollback under way is shown before its release exists. */
  rollingBackTo?: Release
  onRollback: (to: Release) => void
}

const PAGE = 40

/** Releases along a line, newest on top, by day. */
export function Timeline({ name, releases, rollingBackTo, onRollback }: Props) {
  const [shown, setShown] = useState(PAGE)
  const now = useNow()
  const days = grouped(releases.slice(0, shown), (release) => day(new Date(release.created_at), now))
  return (
    <div className={styles.timeline}>
      <Arcs releases={releases.slice(0, shown)} />
      {rollingBackTo && <Underway to={rollingBackTo} />}
      {days.map(({ heading, items }) => (
        <section key={heading} aria-label={heading}>
          <h2 className={styles.day}>{heading}</h2>
          <ol>
            {items.map((release) => (
              <ReleaseItem
                key={release.id}
                name={name}
                release={release}
                onRollback={rollingBackTo ? undefined : onRollback}
              />
            ))}
          </ol>
        </section>
      ))}
      {releases.length > shown && (
        <div className={styles.more}>
          <Button small onClick={() => setShown(shown + PAGE)}>
            Show older releases
          </Button>
        </div>
      )}
    </div>
  )
}

function Underway({ to }: { to: Release }) {
  return (
    <div className={styles.item} data-state="pending" role="status">
      <span className={styles.node} aria-hidden="true" />
      <div className={styles.body}>
        <p className={styles.what}>
          <span>Rolling back to v{to.version}…</span>
        </p>
        <p className={styles.facts}>The release is started and tried before any visitor is sent to it.</p>
      </div>
    </div>
  )
}
