import { type FormEvent, useState } from "react"
import { useNavigate } from "react-router"
import { useCreateApp } from "../../api/apps"
import { appNameProblem } from "../../lib/names"
import { Button, ButtonLink } from "../../ui/Button"
import { Field } from "../../ui/Field"
import { Panel } from "../../ui/Panel"
import styles from "./Guide.module.css"

/** Names an app and makes it; its own page then shows how to deploy. */
export function NewAppPage() {
  const [name, setName] = useState("")
  const [left, setLeft] = useState(false)
  const create = useCreateApp()
  const navigate = useNavigate()
  const wrong = appNameProblem(name)
  // A name of one or two letters is not wrong while one still types.
  const early = !left && name.length < 3 && /^([a-z][a-z0-9-]?)?$/.test(name)
  const problem = create.error?.message ?? (wrong && !early ? wrong : undefined)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(true)
    if (!wrong) create.mutate(name, { onSuccess: (app) => void navigate(`/apps/${app.name}`) })
  }
  return (
    <>
      <title>New app · paas</title>
      <h1>New app</h1>
      <form onSubmit={submit} className={styles.form} noValidate>
        <Panel
          title="Choose a name"
          about="It becomes the app's address and the name in every command. You can't change it later."
          foot={
            <>
              <ButtonLink to="/apps" look="quiet">
                Cancel
              </ButtonLink>
              <Button type="submit" look="primary" busy={create.isPending}>
                Create app
              </Button>
            </>
          }
        >
          <div className={styles.name}>
            <Field
              label="Name"
              name="name"
              autoFocus
              mono
              maxLength={40}
              value={name}
              problem={problem}
              hint={
                <>
                  It will answer at <code>{addressOf(wrong ? "name" : name)}</code>
                </>
              }
              onBlur={() => setLeft(name !== "")}
              onChange={(event) => {
                create.reset()
                setName(event.target.value)
              }}
            />
          </div>
        </Panel>
      </form>
    </>
  )
}

/** A guess from the address of this page; the platform answers with the true one. */
function addressOf(name: string): string {
  const base = location.host.replace(/^paas\./, "")
  return `${name}.${base}`
}
