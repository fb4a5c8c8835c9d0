import { useEffect, useState } from "react"
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from "react-router"
import { Mark } from "../ui/Mark"
import { AccountMenu } from "./AccountMenu"
import styles from "./Shell.module.css"

/** What stands around every page: the way home, the account, the page itself. */
export function Shell() {
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <Link to="/apps" className={styles.brand} aria-label="paas, all apps">
            <Mark />
            <span>paas</span>
          </Link>
          <nav aria-label="Main" className={styles.nav}>
            <NavLink to="/apps">Apps</NavLink>
          </nav>
          <AccountMenu />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <PageAnnouncer />
      <ScrollRestoration />
    </>
  )
}

/** Tells screen readers that another page has come: in an app of one document nothing else does. */
function PageAnnouncer() {
  const { pathname } = useLocation()
  const [title, setTitle] = useState("")
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTitle(document.title))
    return () => cancelAnimationFrame(frame)
  }, [pathname])
  return (
    <p className="visually-hidden" aria-live="polite">
      {title}
    </p>
  )
}
