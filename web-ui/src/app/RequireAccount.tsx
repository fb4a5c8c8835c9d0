import { Navigate, Outlet, useLocation } from "react-router"
import { useAccount } from "../api/account"
import { isSignedOut } from "../api/client"
import { Problem } from "../ui/Panel"
import styles from "./Shell.module.css"

/** Shows a page to who is signed in, and leads everybody else to sign-in and back. */
export function RequireAccount() {
  const account = useAccount()
  const { pathname, search, hash } = useLocation()
  if (account.data === null || isSignedOut(account.error)) {
    const here = pathname + search + hash
    const next = here === "/" || here === "/apps" ? "" : `?next=${encodeURIComponent(here)}`
    return <Navigate to={`/login${next}`} replace />
  }
  if (account.data) return <Outlet />
  if (account.error) {
    return (
      <main className={styles.main}>
        <Problem error={account.error} retry={() => void account.refetch()} />
      </main>
    )
  }
  return <div role="status" aria-label="Loading" />
}
