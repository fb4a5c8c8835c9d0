import { type ClipboardEvent, type FormEvent, useState } from "react"
import { looksLikeEnv, parseEnv } from "../../lib/env"
import { configKeyProblem } from "../../lib/names"
import { Button, IconButton } from "../../ui/Button"
import type { Save } from "./ConfigPage"
import styles from "./ConfigPage.module.css"
import { ValueBox } from "./ValueBox"

interface Draft {
  id: number
  key: string
  value: string
}

let lastId = 0
const draft = (key = "", value = ""): Draft => ({ id: ++lastId, key, value })
const isBlank = ({ key, value }: Draft) => key === "" && value === ""

interface Props {
  existing: string[]
  busy: boolean
  save: Save
}

/** New config vars, one or many, saved as one release. A pasted `.env` falls into its parts. */
export function AddVars({ existing, busy, save }: Props) {
  const [drafts, setDrafts] = useState(() => [draft()])
  const [problem, setProblem] = useState<string>()
  const [tried, setTried] = useState(false)
  const filled = drafts.filter((draft) => !isBlank(draft))
  const change = (id: number, part: Partial<Draft>) => {
    setProblem(undefined)
    setDrafts((drafts) => drafts.map((draft) => (draft.id === id ? { ...draft, ...part } : draft)))
  }
  const paste = (event: ClipboardEvent, id: number) => {
    const text = event.clipboardData.getData("text")
    if (!looksLikeEnv(text)) return
    event.preventDefault()
    const pasted = parseEnv(text).vars.map(({ key, value }) => draft(key, value))
    setDrafts((drafts) => [...drafts.filter((draft) => draft.id !== id && !isBlank(draft)), ...pasted])
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (filled.length === 0 || filled.some(({ key }) => configKeyProblem(key))) return
    const wrong = await save(Object.fromEntries(filled.map(({ key, value }) => [key, value])))
    setProblem(wrong)
    if (wrong) return
    setDrafts([draft()])
    setTried(false)
  }
  return (
    <form className={styles.add} onSubmit={(event) => void submit(event)} aria-label="Add config vars">
      <h2>Add config vars</h2>
      <p className={styles.hint}>
        Paste several lines of <code>KEY=VALUE</code> into the first field to add them all at once.
      </p>
      {drafts.map((draft) => (
        <DraftRow
          key={draft.id}
          draft={draft}
          tried={tried}
          replaces={existing.includes(draft.key)}
          onChange={(part) => change(draft.id, part)}
          onPaste={(event) => paste(event, draft.id)}
          onDrop={drafts.length > 1 ? () => setDrafts(drafts.filter(({ id }) => id !== draft.id)) : undefined}
        />
      ))}
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={styles.buttons}>
        <Button small look="quiet" icon="plus" onClick={() => setDrafts([...drafts, draft()])}>
          Another one
        </Button>
        <Button
          type="submit"
          small
          look="primary"
          disabled={filled.length === 0}
          busy={busy && filled.length > 0}
        >
          Add and release
        </Button>
      </div>
    </form>
  )
}

interface RowProps {
  draft: Draft
  tried: boolean
  replaces: boolean
  onChange: (part: Partial<Draft>) => void
  onPaste: (event: ClipboardEvent) => void
  onDrop?: () => void
}

function DraftRow({ draft, tried, replaces, onChange, onPaste, onDrop }: RowProps) {
  const wrong = isBlank(draft) || (draft.key === "" && !tried) ? undefined : configKeyProblem(draft.key)
  return (
    <div className={styles.draft}>
      <input
        className={styles.box}
        aria-label="Key"
        placeholder="KEY"
        aria-invalid={wrong ? true : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={draft.key}
        onChange={(event) => onChange({ key: event.target.value.trim() })}
        onPaste={onPaste}
      />
      <ValueBox label="Value" value={draft.value} onChange={(value) => onChange({ value })} />
      {onDrop && <IconButton icon="cross" label={`Leave out ${draft.key || "this one"}`} onClick={onDrop} />}
      {wrong ? (
        <p className={styles.problem}>{wrong}</p>
      ) : (
        replaces && <p className={styles.hint}>{draft.key} exists; saving replaces its value.</p>
      )}
    </div>
  )
}
