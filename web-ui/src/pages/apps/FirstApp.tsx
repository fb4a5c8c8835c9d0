import { Command } from "../../ui/Copy"
import { Empty } from "../../ui/Panel"
import styles from "./Guide.module.css"

/** The way to a first app, for a platform that has none. */
export function FirstApp() {
  return (
    <Empty title="Three commands to a first app">
      <p>
        Run them in a folder with a git repository: a static site, Rust, Go, JavaScript, or a ready-made
        component.
      </p>
      <div className={styles.commands}>
        <Command note="Sign in, once per machine">{`paas login ${location.origin}`}</Command>
        <Command note="Create the app and add it as the git remote “paas”">paas create hello</Command>
        <Command note="Deploy what is committed">git push paas main</Command>
      </div>
    </Empty>
  )
}
