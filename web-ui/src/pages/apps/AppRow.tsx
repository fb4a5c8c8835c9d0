import { Link } from "react-router"
import type { App } from "../../api/client"
import { hostOf } from "../../lib/names"
import { Badge } from "../../ui/Badge"
import { Icon } from "../../ui/Icon"
import { Ago } from "../../ui/Time"
import styles from "./AppsPage.module.css"

/** One app in the list: the whole row leads to it, its URL to what visitors see. */
export function AppRow({ app }: { app: App }) {
  const deployed = app.slug_size != null
  return (
    <li className={styles.row}>
      <div className={styles.name}>
        <Link to={`/apps/${app.name}`} className={styles.cover}>
          {app.name}
        </Link>
        {app.maintenance && <Badge tone="warn">Maintenance</Badge>}
      </div>
      <a href={app.web_url} target="_blank" rel="noreferrer" className={styles.url}>
        <span>{hostOf(app.web_url)}</span>
        <Icon name="external" size={13} />
      </a>
      <div className={styles.when}>
        {deployed && app.released_at ? (
          <>
            <Ago at={app.released_at} />
            {app.released_by && <span className={styles.who}>by {app.released_by}</span>}
          </>
        ) : (
          <>
            Nothing deployed yet
            <span className={styles.who}>
              created <Ago at={app.created_at} />
            </span>
          </>
        )}
      </div>
      <span className={styles.version} data-empty={!deployed || undefined}>
        v{app.current_release}
      </span>
    </li>
  )
}
