import { Link } from "react-router"
import type { Release } from "../../api/client"
import { hostOf, shortCommit } from "../../lib/names"
import { kindOf, type ReleaseKind, rolledBackTo } from "../../lib/release"
import { Badge } from "../../ui/Badge"
import { Button } from "../../ui/Button"
import { Icon, type IconName } from "../../ui/Icon"
import { Ago } from "../../ui/Time"
import styles from "./Timeline.module.css"

const ICONS: Record<ReleaseKind, IconName> = {
  created: "spark",
  deploy: "arrowUp",
  config: "sliders",
  rollback: "undo",
  other: "check",
}

interface Props {
  name: string
  release: Release
  onRollback?: (to: Release) => void
}

/** One release: what it is, who made it when, where it answers, and the way back to it. */
export function ReleaseItem({ name, release, onRollback }: Props) {
  const version = `v${release.version}`
  const state = release.current ? "current" : release.status
  const canReturn = release.eligible_for_rollback && !release.current
  return (
    <li id={version} className={styles.item} data-state={state} data-code={release.slug ? "yes" : "no"}>
      <span className={styles.node} data-node aria-hidden="true">
        <Icon name={release.status === "failed" ? "cross" : ICONS[kindOf(release)]} size={14} />
      </span>
      <div className={styles.body}>
        <p className={styles.what}>
          <span className={styles.version}>{version}</span>
          <Description release={release} />
          {release.current && <Badge tone="accent">Current</Badge>}
          {release.status === "failed" && <Badge tone="danger">Failed</Badge>}
          {release.status === "pending" && <Badge tone="warn">Being released</Badge>}
        </p>
        <Facts name={name} release={release} />
      </div>
      {canReturn && (
        <div className={styles.action}>
          <Button
            small
            icon="undo"
            aria-label={`Roll back to ${version}`}
            disabled={!onRollback}
            onClick={() => onRollback?.(release)}
          >
            <span>Roll back</span>
          </Button>
        </div>
      )}
    </li>
  )
}

/** `Deploy 4c47f1a2` says already which commit it is. */
const namesCommit = ({ description, commit }: Release) =>
  commit != null && /^Deploy [0-9a-f]+$/.test(description) && commit.startsWith(description.slice(7))

/** The description; a rollback points at the release it went back to. */
function Description({ release }: { release: Release }) {
  const target = rolledBackTo(release)
  if (namesCommit(release)) {
    return (
      <span>
        Deploy <code title={`Commit ${release.commit}`}>{shortCommit(release.commit ?? "")}</code>
      </span>
    )
  }
  if (target === undefined) return <span>{release.description}</span>
  return (
    <span>
      Rollback to <a href={`#v${target}`}>v{target}</a>
    </span>
  )
}

function Facts({ name, release }: { name: string; release: Release }) {
  return (
    <ul className={styles.facts}>
      <li>
        <Ago at={release.created_at} /> by {release.user.email}
      </li>
      {release.commit && !namesCommit(release) && (
        <li>
          runs <code title={`Commit ${release.commit}`}>{shortCommit(release.commit)}</code>
        </li>
      )}
      {release.build && (
        <li>
          <Link
            to={`/apps/${name}/builds/${release.build}`}
            aria-label={`Build output of v${release.version}`}
          >
            Build output
          </Link>
        </li>
      )}
      {release.slug && release.status === "succeeded" && (
        <li>
          <a href={release.web_url} target="_blank" rel="noreferrer" className={styles.url}>
            {hostOf(release.web_url)}
            <Icon name="external" size={12} />
          </a>
        </li>
      )}
    </ul>
  )
}
