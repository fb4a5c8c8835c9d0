import { NavLink, Outlet, useParams } from "react-router"
import { useApp } from "../../api/apps"
import { type App, isNotFound } from "../../api/client"
import { hostOf } from "../../lib/names"
import { Badge } from "../../ui/Badge"
import { ButtonLink } from "../../ui/Button"
import { CopyButton } from "../../ui/Copy"
import { Icon } from "../../ui/Icon"
import { Empty, Problem, Skeleton } from "../../ui/Panel"
import { Ago } from "../../ui/Time"
import styles from "./AppLayout.module.css"

/** The name of the app whose page this is. */
export const useAppName = () => useParams().name ?? ""

const SECTIONS = [
  { to: ".", label: "Releases", end: true },
  { to: "config", label: "Config vars" },
  { to: "logs", label: "Log" },
  { to: "metrics", label: "Metrics" },
  { to: "builds", label: "Builds" },
  { to: "settings", label: "Settings" },
]

/** The head of an app's pages: what it is called, where it answers, what runs; below it the chosen section. */
export function AppLayout() {
  const name = useAppName()
  const app = useApp(name)
  if (isNotFound(app.error)) return <NoSuchApp name={name} />
  return (
    <>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1>{name}</h1>
          {app.data?.maintenance && <Badge tone="warn">Maintenance</Badge>}
        </div>
        {app.data && <Facts app={app.data} />}
      </header>
      <nav className={styles.tabs} aria-label="App">
        {SECTIONS.map(({ to, label, end }) => (
          <NavLink key={to} to={to} end={end}>
            {label}
          </NavLink>
        ))}
      </nav>
      {app.data ? (
        <Outlet />
      ) : app.error ? (
        <Problem error={app.error} retry={() => void app.refetch()} />
      ) : (
        <Skeleton rows={4} />
      )}
    </>
  )
}

function Facts({ app }: { app: App }) {
  return (
    <div className={styles.facts}>
      <span className={styles.url}>
        <a href={app.web_url} target="_blank" rel="noreferrer">
          {hostOf(app.web_url)}
          <Icon name="external" size={13} />
        </a>
        <CopyButton text={app.web_url} label="Copy URL" />
      </span>
      {app.slug_size != null && app.released_at && (
        <span className={styles.release}>
          <span className={styles.version}>v{app.current_release}</span> released <Ago at={app.released_at} />
          {app.released_by && ` by ${app.released_by}`}
        </span>
      )}
    </div>
  )
}

function NoSuchApp({ name }: { name: string }) {
  return (
    <>
      <title>Not found · paas</title>
      <Empty
        page
        title={`There is no app called ${name}`}
        actions={<ButtonLink to="/apps">All apps</ButtonLink>}
      >
        <p>It may have been deleted, or belong to someone else.</p>
      </Empty>
    </>
  )
}
