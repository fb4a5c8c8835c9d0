import { type ComponentProps, type ReactNode, useId } from "react"
import styles from "./Field.module.css"

interface Props extends ComponentProps<"input"> {
  label: string
  hint?: ReactNode
  /** What is wrong, in words; shown below and tied to the field. */
  problem?: string
  mono?: boolean
  /** Something at the right end, such as a button. */
  end?: ReactNode
}

/** A labelled input with its hint and its problem. */
export function Field({ label, hint, problem, mono, end, ...input }: Props) {
  const id = useId()
  const about = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ")
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.box}>
        <input
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          {...input}
          id={id}
          aria-invalid={problem ? true : undefined}
          aria-describedby={about || undefined}
          className={`${styles.input} ${mono ? styles.mono : ""}`}
        />
        {end && <div className={styles.end}>{end}</div>}
      </div>
      {problem && (
        <p id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  )
}
