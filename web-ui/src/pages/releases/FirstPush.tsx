import { Link } from "react-router"
import { useApp } from "../../api/apps"
import { isRunning, useBuilds } from "../../api/builds"
import { Command } from "../../ui/Copy"
import { Panel } from "../../ui/Panel"
import styles from "./FirstPush.module.css"

/** How code comes to a new app, and whether it is on its way. */
export function FirstPush({ name }: { name: string }) {
  const { data: app } = useApp(name)
  const builds = useBuilds(name)
  const newest = builds.data?.[0]
  return (
    <div className={styles.guide}>
      <Panel
        title={`Deploy your code to ${name}`}
        about="In a folder with a git repository, whose work is committed:"
        foot={
          <p className={styles.waiting} role="status">
            {newest && isRunning(newest) ? (
              <>
                <span className={styles.pulse} /> Your push is being built.{" "}
                <Link to={`/apps/${name}/builds/${newest.id}`}>Watch its output</Link>
              </>
            ) : newest?.status === "failed" ? (
              <>
                The last push was rejected. <Link to={`/apps/${name}/builds/${newest.id}`}>See why</Link>,
                then push again.
              </>
            ) : (
              <>
                <span className={styles.pulse} /> Waiting for your first push. This page turns by itself.
              </>
            )}
          </p>
        }
      >
        <div className={styles.commands}>
          <Command note="Tell git where the app is">{`paas git:remote -a ${name}`}</Command>
          <Command note="Push the branch main; what the build prints appears in your terminal">
            git push paas main
          </Command>
          {app && (
            <details>
              <summary>Without the paas command</summary>
              <Command note="When git asks, any user name will do; the password is your API key">
                {`git remote add paas ${app.git_url}`}
              </Command>
            </details>
          )}
        </div>
      </Panel>
    </div>
  )
}
