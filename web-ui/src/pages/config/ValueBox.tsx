import type { ClipboardEvent, KeyboardEvent } from "react"
import styles from "./ConfigPage.module.css"

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  onPaste?: (event: ClipboardEvent) => void
  autoFocus?: boolean
  invalid?: boolean
}

/** A field for a value, which may have several lines: Enter saves, Shift+Enter begins a new line. */
export function ValueBox({ label, value, onChange, onPaste, autoFocus, invalid }: Props) {
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.currentTarget.form?.requestSubmit()
  }
  return (
    <textarea
      className={styles.box}
      aria-label={label}
      placeholder="Value"
      aria-invalid={invalid || undefined}
      rows={Math.min(8, value.split("\n").length)}
      autoFocus={autoFocus}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onPaste={onPaste}
      onKeyDown={onKeyDown}
    />
  )
}
