import { useEffect, useState } from "react"
import styles from "./Copy.module.css"
import { IconButton } from "./Button"

/** Copies a text; says so for a moment. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1600)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <>
      <IconButton
        icon={copied ? "check" : "copy"}
        label={copied ? "Copied" : label}
        onClick={async () => setCopied(await copy(text))}
      />
      <span className="visually-hidden" role="status">
        {copied && "Copied"}
      </span>
    </>
  )
}

/** A command for the terminal, ready to be copied. */
export function Command({ children, note }: { children: string; note?: string }) {
  return (
    <div className={styles.command}>
      {note && <p className={styles.note}>{note}</p>}
      <div className={styles.line}>
        <span className={styles.prompt} aria-hidden="true">
          $
        </span>
        <code className={styles.text}>{children}</code>
        <CopyButton text={children} label={`Copy “${children}”`} />
      </div>
    </div>
  )
}

/** Browsers offer the clipboard only on https and localhost; elsewhere the old way still works. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  const area = document.createElement("textarea")
  area.value = text
  document.body.append(area)
  area.select()
  const done = document.execCommand("copy")
  area.remove()
  return done
}
