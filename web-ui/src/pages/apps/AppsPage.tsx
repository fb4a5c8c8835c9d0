import { useState } from "react"
import { useApps } from "../../api/apps"
import type { App } from "../../api/client"
import { ButtonLink } from "../../ui/Button"
import { Icon } from "../../ui/Icon"
import { Empty, Problem, Skeleton } from "../../ui/Panel"
import { AppRow } from "./AppRow"
import styles from "./AppsPage.module.css"
import { FirstApp } from "./FirstApp"

/** Every app one may see. */
export function AppsPage() {
  const apps = useApps()
  return (
    <>
      <title>Apps · paas</title>
      <div className={styles.head}>
        <h1>Apps</h1>
        <ButtonLink to="/apps/new" look="primary" icon="plus">
          New app
        </ButtonLink>
      </div>
      {apps.data ? (
        <AppList apps={apps.data} />
      ) : apps.error ? (
        <Problem error={apps.error} retry={() => void apps.refetch()} />
      ) : (
        <Skeleton rows={4} label="Loading apps" />
      )}
    </>
  )
}

function AppList({ apps }: { apps: App[] }) {
  const [wanted, setWanted] = useState("")
  if (apps.length === 0) return <FirstApp />
  const newestFirst = [...apps].sort((a, b) => lastChange(b).localeCompare(lastChange(a)))
  const found = newestFirst.filter((app) => app.name.includes(wanted.trim().toLowerCase()))
  return (
    <>
      <label className={styles.search}>
        <Icon name="search" />
        <span className="visually-hidden">Search apps</span>
        <input
          type="search"
          placeholder="Search by name"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <span className={styles.count} role="status">
          {wanted.trim()
            ? `${found.length} of ${apps.length}`
            : `${apps.length} ${apps.length === 1 ? "app" : "apps"}`}
        </span>
      </label>
      {found.length === 0 ? (
        <Empty title={`No app is called “${wanted.trim()}”`}>
          <p>Change the search, or create the app.</p>
        </Empty>
      ) : (
        <ul className={styles.list} aria-label="Apps">
          {found.map((app) => (
            <AppRow key={app.id} app={app} />
          ))}
        </ul>
      )}
    </>
  )
}

const lastChange = (app: App) => app.released_at ?? app.created_at
