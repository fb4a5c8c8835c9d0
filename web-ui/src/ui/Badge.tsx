import type { ReactNode } from "react"
import styles from "./Badge.module.css"

/** A word about a state. */
export function Badge({
  tone = "neutral",
  children,
}: {
  tone?: "neutral" | "accent" | "danger" | "warn"
  children: ReactNode
}) {
  return <span className={`${styles.badge} ${styles[tone]}`}>{children}</span>
}
