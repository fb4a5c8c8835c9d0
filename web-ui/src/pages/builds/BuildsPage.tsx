import { Link } from "react-router"
import { isRunning, useBuilds } from "../../api/builds"
import type { Build } from "../../api/client"
import { shortCommit } from "../../lib/names"
import { duration } from "../../lib/time"
import { Badge } from "../../ui/Badge"
import { Empty, Problem, Skeleton } from "../../ui/Panel"
import { Ago, useNow } from "../../ui/Time"
import { useAppName } from "../app/AppLayout"
import styles from "./BuildsPage.module.css"

/** Every push that was built, or that failed to. */
export function BuildsPage() {
  const name = useAppName()
  const builds = useBuilds(name)
  return (
    <>
      <title>{`${name} · Builds · paas`}</title>
      {builds.data ? (
        <BuildList name={name} builds={builds.data} />
      ) : builds.error ? (
        <Problem error={builds.error} retry={() => void builds.refetch()} />
      ) : (
        <Skeleton rows={4} label="Loading builds" />
      )}
    </>
  )
}

function BuildList({ name, builds }: { name: string; builds: Build[] }) {
  if (builds.length === 0) {
    return (
      <Empty title="No builds yet">
        <p>
          Every push to <code>main</code> is built here. <Link to={`/apps/${name}`}>See how to push.</Link>
        </p>
      </Empty>
    )
  }
  return (
    <ul className={styles.list} aria-label="Builds">
      {builds.map((build) => (
        <li key={build.id} className={styles.row}>
          <BuildStatus build={build} />
          <Link to={`/apps/${name}/builds/${build.id}`} className={styles.cover}>
            <code>
              {build.source_blob.version ? shortCommit(build.source_blob.version) : build.id.slice(0, 8)}
            </code>
          </Link>
          <span className={styles.about}>{build.buildpack ?? (isRunning(build) ? "" : "No buildpack")}</span>
          <span className={styles.when}>
            <Ago at={build.created_at} /> by {build.user.email}
          </span>
          <Took build={build} />
        </li>
      ))}
    </ul>
  )
}

export function BuildStatus({ build }: { build: Build }) {
  if (isRunning(build)) return <Badge tone="warn">Building</Badge>
  if (build.status === "failed") return <Badge tone="danger">Failed</Badge>
  return <Badge tone="accent">Succeeded</Badge>
}

/** How long a build took, or has taken so far. */
export function Took({ build }: { build: Build }) {
  const now = useNow()
  const end = build.finished_at ? new Date(build.finished_at) : now
  return <span className={styles.took}>{duration(new Date(build.created_at), end)}</span>
}
