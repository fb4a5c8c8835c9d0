import { Switch } from "radix-ui"
import { useSetMaintenance } from "../../api/apps"
import type { App } from "../../api/client"
import { Panel } from "../../ui/Panel"
import { useToast } from "../../ui/Toasts"
import styles from "./SettingsPage.module.css"

/** Sends visitors a maintenance page, and stops doing so. */
export function Maintenance({ app }: { app: App }) {
  const set = useSetMaintenance(app.name)
  const toast = useToast()
  const change = (on: boolean) =>
    set.mutate(on, {
      onSuccess: () =>
        toast(
          on
            ? { title: "Maintenance is on", body: "Visitors see the maintenance page." }
            : { title: "Maintenance is off", body: `Visitors see ${app.name} again.` },
        ),
      onError: (error) => toast({ title: "Maintenance has not changed", body: error.message, tone: "bad" }),
    })
  return (
    <Panel
      title="Maintenance mode"
      about="While it is on, every visitor gets a maintenance page with status 503, and no request reaches the app. Pushes and config vars go on working."
    >
      <label className={styles.switch}>
        <Switch.Root
          checked={app.maintenance}
          disabled={set.isPending}
          onCheckedChange={change}
          aria-label="Maintenance mode"
        >
          <Switch.Thumb />
        </Switch.Root>
        {app.maintenance ? "On: visitors see the maintenance page" : "Off: visitors see the app"}
      </label>
    </Panel>
  )
}
