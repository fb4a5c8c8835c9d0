import type { Release } from "../../api/client"
import { useReleaseConfig } from "../../api/releases"
import { shortCommit } from "../../lib/names"
import { type KeyChanges, keyChanges } from "../../lib/release"
import { Confirm } from "../../ui/Confirm"
import styles from "./RollbackDialog.module.css"

interface Props {
  name: string
  current: Release
  to: Release
  /** The number the new release will most likely get. */
  next: number
  onConfirm: () => void
  onCancel: () => void
}

/** Says what a rollback will change before it is done: the code, and config vars by name. */
export function RollbackDialog({ name, current, to, next, onConfirm, onCancel }: Props) {
  const before = useReleaseConfig(name, current.version, true)
  const after = useReleaseConfig(name, to.version, true)
  const changes = before.data && after.data && keyChanges(before.data, after.data)
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onCancel()}
      title={`Roll back to v${to.version}?`}
      action={`Roll back to v${to.version}`}
      onConfirm={onConfirm}
    >
      <p>
        Makes <strong>v{next}</strong> with the code and the config vars of v{to.version}. Nothing is built
        again, and v{current.version} stays in the list, so that you can come back.
      </p>
      <dl className={styles.changes}>
        <dt>Code</dt>
        <dd>
          <CodeChange from={current} to={to} />
        </dd>
        <dt>Config vars</dt>
        <dd>
          {changes ? (
            <ConfigChange changes={changes} />
          ) : before.error || after.error ? (
            "The differences could not be read."
          ) : (
            "Comparing…"
          )}
        </dd>
      </dl>
    </Confirm>
  )
}

function CodeChange({ from, to }: { from: Release; to: Release }) {
  if (from.slug?.id === to.slug?.id) return "The same as now"
  return (
    <>
      <code>{from.commit ? shortCommit(from.commit) : `v${from.version}`}</code> →{" "}
      <code>{to.commit ? shortCommit(to.commit) : to.slug ? `v${to.version}` : "no code"}</code>
    </>
  )
}

function ConfigChange({ changes }: { changes: KeyChanges }) {
  const rows = [
    { sign: "+", word: "comes back", keys: changes.added },
    { sign: "~", word: "changes", keys: changes.changed },
    { sign: "−", word: "goes away", keys: changes.removed },
  ].flatMap(({ sign, word, keys }) => keys.map((key) => ({ sign, word, key })))
  if (rows.length === 0) return "The same as now"
  return (
    <ul className={styles.keys}>
      {rows.map(({ sign, word, key }) => (
        <li key={key} data-sign={sign}>
          <span aria-hidden="true">{sign}</span>
          <code>{key}</code> <small>{word}</small>
        </li>
      ))}
    </ul>
  )
}
