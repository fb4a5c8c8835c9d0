import type { App } from "../../api/client"
import { useLimits } from "../../api/limits"
import { Command } from "../../ui/Copy"
import { Panel } from "../../ui/Panel"
import styles from "./SettingsPage.module.css"

/** What holds for the app, and how to change it. */
export function Limits({ app }: { app: App }) {
  const { data: limits } = useLimits(app.name)
  if (!limits) return null
  return (
    <Panel title="Limits" about="What a request or an instance may use. A change makes a release.">
      <dl className={styles.facts}>
        {limits.map((limit) => (
          <div key={limit.name}>
            <dt title={`Beyond it: ${limit.exceeded}`}>{limit.name}</dt>
            <dd title={limit.about}>
              {limit.set ? <strong>{limit.value}</strong> : limit.value}
              <span>{`at most ${limit.cap}`}</span>
            </dd>
          </div>
        ))}
      </dl>
      <div className={styles.command}>
        <Command>{`paas limits:set memory=256MB -a ${app.name}`}</Command>
      </div>
    </Panel>
  )
}
