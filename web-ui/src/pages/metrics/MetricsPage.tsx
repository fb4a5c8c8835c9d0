import { useApp } from "../../api/apps"
import type { Metrics, ReleaseMetrics } from "../../api/client"
import { useMetrics } from "../../api/metrics"
import { codeList, megabytes, milliseconds, quantileCells } from "../../lib/metrics"
import { Empty, Panel, Problem, Skeleton } from "../../ui/Panel"
import { useAppName } from "../app/AppLayout"
import styles from "./MetricsPage.module.css"
import { RequestBars } from "./RequestBars"

/** What an app's requests cost: the last hour as a picture, then numbers by release. */
export function MetricsPage() {
  const name = useAppName()
  const metrics = useMetrics(name)
  return (
    <>
      <title>{`${name} · Metrics · paas`}</title>
      {metrics.data ? (
        <Numbers name={name} metrics={metrics.data} />
      ) : metrics.error ? (
        <Problem error={metrics.error} retry={() => void metrics.refetch()} />
      ) : (
        <Skeleton rows={3} label="Loading metrics" />
      )}
    </>
  )
}

function Numbers({ name, metrics }: { name: string; metrics: Metrics }) {
  if (!metrics.total) return <NothingYet name={name} />
  const rows = metrics.releases.length > 1 ? [...metrics.releases, metrics.total] : metrics.releases
  return (
    <>
      <Panel title="Requests, minute by minute">
        <RequestBars minutes={metrics.minutes} />
      </Panel>
      <Panel
        title="What they cost"
        about="Counted since the platform started. Half, 95 % and 99 % of the requests did not exceed the three numbers of a cell."
      >
        <div className={styles.scroll} tabIndex={0} role="region" aria-label="Numbers by release">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Release</th>
                <th scope="col">Requests</th>
                <th scope="col">Cold</th>
                <th scope="col">Errors</th>
                <th scope="col">Service</th>
                <th scope="col">Instantiate</th>
                <th scope="col">CPU</th>
                <th scope="col">Memory</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((release) => (
                <Row key={release.version ?? "all"} release={release} />
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </>
  )
}

function Row({ release }: { release: ReleaseMetrics }) {
  const codes = codeList(release)
  return (
    <tr>
      <th scope="row">{release.version == null ? "All" : `v${release.version}`}</th>
      <td>{release.requests}</td>
      <td>{release.cold}</td>
      <td data-bad={codes || release.status["5xx"] ? "yes" : undefined}>
        {codes || (release.status["5xx"] ?? 0)}
      </td>
      <Quantiles cells={quantileCells(release.service_ms, milliseconds)} />
      <Quantiles cells={quantileCells(release.instantiate_ms, milliseconds)} />
      <Quantiles cells={quantileCells(release.cpu_ms, milliseconds)} />
      <Quantiles cells={quantileCells(release.memory_bytes, megabytes)} />
    </tr>
  )
}

function Quantiles({ cells }: { cells: string[] }) {
  return (
    <td>
      {cells.map((cell, n) => (
        <span key={n}>{cell}</span>
      ))}
    </td>
  )
}

function NothingYet({ name }: { name: string }) {
  const { data: app } = useApp(name)
  return (
    <Empty title="No requests yet">
      <p>
        Since the platform started, nobody has asked {name} for anything.{" "}
        {app && (
          <a href={app.web_url} target="_blank" rel="noreferrer">
            Open it
          </a>
        )}
        {app && ", and the numbers appear here by themselves."}
      </p>
    </Empty>
  )
}
