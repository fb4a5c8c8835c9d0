import { useApp } from "../../api/apps"
import type { App } from "../../api/client"
import { absolute } from "../../lib/time"
import { Command, CopyButton } from "../../ui/Copy"
import { Panel } from "../../ui/Panel"
import { useAppName } from "../app/AppLayout"
import { DeleteApp } from "./DeleteApp"
import { Limits } from "./Limits"
import { Maintenance } from "./Maintenance"
import styles from "./SettingsPage.module.css"

/** What an app is, and what is done to it seldom. */
export function SettingsPage() {
  const name = useAppName()
  const { data: app } = useApp(name)
  if (!app) return null
  return (
    <>
      <title>{`${name} · Settings · paas`}</title>
      <Maintenance app={app} />
      <Panel title="Deploying" about="Run this in a repository to push to this app from there, too.">
        <div className={styles.command}>
          <Command>{`paas git:remote -a ${app.name}`}</Command>
        </div>
      </Panel>
      <Panel title="About this app">
        <About app={app} />
      </Panel>
      <Limits app={app} />
      <DeleteApp app={app} />
    </>
  )
}

function About({ app }: { app: App }) {
  const facts: [string, string, copyable?: boolean][] = [
    ["URL", app.web_url, true],
    ["Git address", app.git_url, true],
    ["Owner", app.owner.email],
    ["Created", absolute(new Date(app.created_at))],
    ["Size of the current slug", app.slug_size == null ? "nothing deployed yet" : kilobytes(app.slug_size)],
    ["Id", app.id, true],
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([label, value, copyable]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {copyable ? <code>{value}</code> : value}
            {copyable && <CopyButton text={value} label={`Copy ${label}`} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function kilobytes(bytes: number): string {
  const kb = bytes / 1024
  return kb < 1024 ? `${kb.toFixed(kb < 10 ? 1 : 0)} KB` : `${(kb / 1024).toFixed(1)} MB`
}
