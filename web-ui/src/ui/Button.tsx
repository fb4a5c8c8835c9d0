import type { ComponentProps } from "react"
import { Link } from "react-router"
import styles from "./Button.module.css"
import { Icon, type IconName } from "./Icon"
import { Tip } from "./Tip"

type Look = "primary" | "plain" | "quiet" | "danger"

interface Props extends ComponentProps<"button"> {
  look?: Look
  small?: boolean
  icon?: IconName
  /** Work is under way: the button waits and says so. */
  busy?: boolean
}

const classes = (look: Look, small: boolean | undefined, extra?: string) =>
  [styles.button, styles[look], small && styles.small, extra].filter(Boolean).join(" ")

/** A button; it submits a form only when told to. */
export function Button({ look = "plain", small, icon, busy, className, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      disabled={rest.disabled || busy}
      className={classes(look, small, className)}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({
  look = "plain",
  small,
  icon,
  children,
  ...rest
}: ComponentProps<typeof Link> & { look?: Look; small?: boolean; icon?: IconName }) {
  return (
    <Link {...rest} className={classes(look, small)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  )
}

/** A button of one drawing; its name is shown as a tip and read aloud. */
export function IconButton({
  icon,
  label,
  ...rest
}: ComponentProps<"button"> & { icon: IconName; label: string }) {
  return (
    <Tip text={label}>
      <button type="button" aria-label={label} {...rest} className={`${styles.icon} ${rest.className ?? ""}`}>
        <Icon name={icon} />
      </button>
    </Tip>
  )
}
