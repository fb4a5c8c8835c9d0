import type { ReactNode } from "react"
import { Button } from "./Button"
import { Icon } from "./Icon"
import styles from "./Panel.module.css"

/** A bordered section with a heading and, at its foot, what to do. */
export function Panel({
  title,
  about,
  tone,
  foot,
  children,
}: {
  title: string
  about?: ReactNode
  tone?: "danger"
  foot?: ReactNode
  children?: ReactNode
}) {
  return (
    <section className={styles.panel} data-tone={tone}>
      <div className={styles.body}>
        <h2>{title}</h2>
        {about && <p className={styles.about}>{about}</p>}
        {children}
      </div>
      {foot && <div className={styles.foot}>{foot}</div>}
    </section>
  )
}

/** What stands where there is nothing (yet); `page`: all that a page shows. */
export function Empty({
  title,
  page,
  children,
  actions,
}: {
  title: string
  page?: boolean
  children?: ReactNode
  actions?: ReactNode
}) {
  const Heading = page ? "h1" : "h2"
  return (
    <div className={styles.empty}>
      <Heading>{title}</Heading>
      {children}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  )
}

/** A refusal or a fault, in words, with a second try. */
export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div className={styles.problem} role="alert">
      <Icon name="warning" />
      <p>{error.message}</p>
      {retry && (
        <Button small onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Grey bars that stand for what is being loaded. */
export function Skeleton({ rows = 3, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.bar}>
          <span />
          <span />
        </div>
      ))}
    </div>
  )
}
