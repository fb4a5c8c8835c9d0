import { type FormEvent, useState } from "react"
import { Button, IconButton } from "../../ui/Button"
import { CopyButton } from "../../ui/Copy"
import styles from "./ConfigPage.module.css"
import type { Save } from "./ConfigPage"
import { ValueBox } from "./ValueBox"

interface Props {
  name: string
  value: string
  revealed: boolean
  busy: boolean
  save: Save
  onRemove: () => void
}

/** One config var: its value hidden until asked for, changed in place. */
export function VarRow({ name, value, revealed, busy, save, onRemove }: Props) {
  const [shown, setShown] = useState(revealed)
  const [editing, setEditing] = useState(false)
  return (
    <li className={styles.row}>
      <code className={styles.key}>{name}</code>
      {editing ? (
        <EditForm name={name} value={value} busy={busy} save={save} onDone={() => setEditing(false)} />
      ) : (
        <>
          <div className={styles.value}>
            {shown ? (
              value === "" ? (
                <span className={styles.masked}>empty</span>
              ) : (
                <code>{value}</code>
              )
            ) : (
              <span className={styles.masked} aria-label="Hidden value">
                ••••••••••
              </span>
            )}
          </div>
          <div className={styles.actions}>
            <IconButton
              icon={shown ? "eyeOff" : "eye"}
              label={`${shown ? "Hide" : "Reveal"} ${name}`}
              onClick={() => setShown(!shown)}
            />
            <CopyButton text={value} label={`Copy ${name}`} />
            <IconButton icon="pencil" label={`Edit ${name}`} onClick={() => setEditing(true)} />
            <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} />
          </div>
        </>
      )}
    </li>
  )
}

function EditForm(props: { name: string; value: string; busy: boolean; save: Save; onDone: () => void }) {
  const { name, busy, save, onDone } = props
  const [value, setValue] = useState(props.value)
  const [problem, setProblem] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (value === props.value) return onDone()
    const wrong = await save({ [name]: value })
    setProblem(wrong)
    if (!wrong) onDone()
  }
  return (
    <form
      className={styles.edit}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && onDone()}
    >
      <ValueBox label={`Value of ${name}`} value={value} onChange={setValue} autoFocus invalid={!!problem} />
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={styles.buttons}>
        <Button small onClick={onDone}>
          Cancel
        </Button>
        <Button small type="submit" look="primary" busy={busy}>
          Save and release
        </Button>
      </div>
    </form>
  )
}
