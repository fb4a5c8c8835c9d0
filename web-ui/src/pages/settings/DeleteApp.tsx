import { useState } from "react"
import { useNavigate } from "react-router"
import { useDeleteApp } from "../../api/apps"
import type { App } from "../../api/client"
import { Button } from "../../ui/Button"
import { Confirm } from "../../ui/Confirm"
import { Field } from "../../ui/Field"
import { Panel } from "../../ui/Panel"
import { useToast } from "../../ui/Toasts"

/** Deletes the app for good, once its name has been typed. */
export function DeleteApp({ app }: { app: App }) {
  const [open, setOpen] = useState(false)
  return (
    <Panel
      tone="danger"
      title="Delete this app"
      about="Its code, releases, config vars and log are removed for good. There is no way back."
      foot={
        <Button look="danger" onClick={() => setOpen(true)}>
          Delete app
        </Button>
      }
    >
      {open && <DeleteDialog app={app} onClose={() => setOpen(false)} />}
    </Panel>
  )
}

function DeleteDialog({ app, onClose }: { app: App; onClose: () => void }) {
  const [typed, setTyped] = useState("")
  const remove = useDeleteApp(app.name)
  const navigate = useNavigate()
  const toast = useToast()
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        toast({ title: `${app.name} is deleted` })
        void navigate("/apps", { replace: true })
      },
    })
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${app.name}?`}
      action="Delete for good"
      danger
      ready={typed === app.name}
      busy={remove.isPending}
      onConfirm={confirm}
    >
      <p>
        Removes its code, releases, config vars and log. Nobody can bring them back, and the name{" "}
        <strong>{app.name}</strong> becomes free.
      </p>
      <Field
        label={`Type ${app.name} to confirm`}
        mono
        autoFocus
        value={typed}
        problem={remove.error?.message}
        onChange={(event) => setTyped(event.target.value)}
      />
    </Confirm>
  )
}
