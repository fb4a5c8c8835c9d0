import { Link, useParams } from "react-router"
import { isRunning, useBuild } from "../../api/builds"
import { type Build, isNotFound } from "../../api/client"
import { useReleases } from "../../api/releases"
import { shortCommit } from "../../lib/names"
import { CopyButton } from "../../ui/Copy"
import { Empty, Problem, Skeleton } from "../../ui/Panel"
import { Ago } from "../../ui/Time"
import { useAppName } from "../app/AppLayout"
import { BuildOutput } from "./BuildOutput"
import { BuildStatus, Took } from "./BuildsPage"
import styles from "./BuildsPage.module.css"

/** One build: how it went and what it printed, live while it runs. */
export function BuildPage() {
  const name = useAppName()
  const { id = "" } = useParams()
  const build = useBuild(name, id)
  return (
    <>
      <title>{`${name} · Build · paas`}</title>
      <p className={styles.back}>
        <Link to={`/apps/${name}/builds`}>← All builds</Link>
      </p>
      {build.data ? (
        <>
          <Head name={name} build={build.data} />
          <BuildOutput key={build.data.id} app={name} build={build.data} />
        </>
      ) : isNotFound(build.error) ? (
        <Empty title="There is no such build">
          <p>Choose one from the list of builds.</p>
        </Empty>
      ) : build.error ? (
        <Problem error={build.error} retry={() => void build.refetch()} />
      ) : (
        <Skeleton rows={2} label="Loading the build" />
      )}
    </>
  )
}

function Head({ name, build }: { name: string; build: Build }) {
  const releases = useReleases(name)
  const release = releases.data?.find(({ id }) => id === build.release?.id)
  const commit = build.source_blob.version
  return (
    <div className={styles.head}>
      <h2>{commit ? <>Build of {shortCommit(commit)}</> : "Build"}</h2>
      {commit && <CopyButton text={commit} label="Copy commit" />}
      <BuildStatus build={build} />
      <p className={styles.facts}>
        <span>
          <Ago at={build.created_at} /> by {build.user.email}
        </span>
        <span>
          {isRunning(build) ? "running for " : "took "}
          <Took build={build} />
        </span>
        {build.buildpack && <span>{build.buildpack}</span>}
        {release && (
          <span>
            made <Link to={`/apps/${name}#v${release.version}`}>v{release.version}</Link>
          </span>
        )}
      </p>
    </div>
  )
}
