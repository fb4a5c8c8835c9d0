import { useState } from "react"
import type { ConfigPatch, ConfigVars } from "../../api/client"
import { useConfig, useUpdateConfig } from "../../api/config"
import { Button } from "../../ui/Button"
import { Confirm } from "../../ui/Confirm"
import { Empty, Problem, Skeleton } from "../../ui/Panel"
import { useToast } from "../../ui/Toasts"
import { useAppName } from "../app/AppLayout"
import { AddVars } from "./AddVars"
import styles from "./ConfigPage.module.css"
import { VarRow } from "./VarRow"

/** An app's config vars. Every change makes a release, which the page says before and after. */
export function ConfigPage() {
  const name = useAppName()
  const config = useConfig(name)
  return (
    <>
      <title>{`${name} · Config vars · paas`}</title>
      {config.data ? (
        <Vars key={name} name={name} vars={config.data} />
      ) : config.error ? (
        <Problem error={config.error} retry={() => void config.refetch()} />
      ) : (
        <Skeleton rows={3} label="Loading config vars" />
      )}
    </>
  )
}

/** Saves a change; resolves to what is wrong with it, or nothing once the new release answers. */
export type Save = (patch: ConfigPatch) => Promise<string | undefined>

function useSave(name: string): { save: Save; saving: boolean } {
  const update = useUpdateConfig(name)
  const toast = useToast()
  const save: Save = (patch) =>
    update.mutateAsync(patch).then(
      (app) => {
        const live =
          app.slug_size == null
            ? "It holds from the first deploy on."
            : "It answers with the new config vars."
        toast({ title: `Saved as v${app.current_release}`, body: live })
        return undefined
      },
      (error: Error) => error.message,
    )
  return { save, saving: update.isPending }
}

function Vars({ name, vars }: { name: string; vars: ConfigVars }) {
  const { save, saving } = useSave(name)
  const [revealAll, setRevealAll] = useState(false)
  const [removing, setRemoving] = useState<string>()
  const names = Object.keys(vars).sort()
  return (
    <>
      <div className={styles.head}>
        <p className={styles.about}>
          Your app sees these as its environment. Saving a change makes a new release, and a rollback brings
          them back too.
        </p>
        {names.length > 0 && (
          <Button small icon={revealAll ? "eyeOff" : "eye"} onClick={() => setRevealAll(!revealAll)}>
            {revealAll ? "Hide all" : "Reveal all"}
          </Button>
        )}
      </div>
      {names.length === 0 ? (
        <Empty title="No config vars yet">
          <p>Keep here what differs between deploys: keys, addresses, switches. Add the first one below.</p>
        </Empty>
      ) : (
        <ul className={styles.list} aria-label="Config vars">
          {names.map((key) => (
            <VarRow
              key={`${key}-${revealAll}`}
              name={key}
              value={vars[key] ?? ""}
              revealed={revealAll}
              busy={saving}
              save={save}
              onRemove={() => setRemoving(key)}
            />
          ))}
        </ul>
      )}
      <AddVars existing={names} busy={saving} save={save} />
      {removing !== undefined && (
        <RemoveDialog name={removing} save={save} busy={saving} onDone={() => setRemoving(undefined)} />
      )}
    </>
  )
}

function RemoveDialog({
  name,
  save,
  busy,
  onDone,
}: {
  name: string
  save: Save
  busy: boolean
  onDone: () => void
}) {
  const [problem, setProblem] = useState<string>()
  const remove = async () => {
    const wrong = await save({ [name]: null })
    setProblem(wrong)
    if (!wrong) onDone()
  }
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onDone()}
      title={`Remove ${name}?`}
      action="Remove and release"
      danger
      busy={busy}
      onConfirm={() => void remove()}
    >
      <p>
        Makes a new release without <strong>{name}</strong>. A rollback to an earlier release brings it back.
      </p>
      {problem && <Problem error={new Error(problem)} />}
    </Confirm>
  )
}
