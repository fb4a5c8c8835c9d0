import { useEffect, useRef, useState } from "react"
import type { Release } from "../../api/client"
import { useReleases, useRollback } from "../../api/releases"
import { Problem, Skeleton } from "../../ui/Panel"
import { useToast } from "../../ui/Toasts"
import { useAppName } from "../app/AppLayout"
import { FirstPush } from "./FirstPush"
import { RollbackDialog } from "./RollbackDialog"
import { Timeline } from "./Timeline"

/** An app's history, newest on top; before the first deploy, how to make one. */
export function ReleasesPage() {
  const name = useAppName()
  const releases = useReleases(name)
  return (
    <>
      <title>{`${name} · Releases · paas`}</title>
      {releases.data ? (
        <History key={name} name={name} releases={releases.data} />
      ) : releases.error ? (
        <Problem error={releases.error} retry={() => void releases.refetch()} />
      ) : (
        <Skeleton rows={5} label="Loading releases" />
      )}
    </>
  )
}

function History({ name, releases }: { name: string; releases: Release[] }) {
  const [chosen, setChosen] = useState<Release>()
  const rollback = useRollback(name)
  const toast = useToast()
  const current = releases.find((release) => release.current)
  const deployed = releases.some((release) => release.slug)
  useFirstDeployToast(name, deployed)

  const goBack = (to: Release) => {
    setChosen(undefined)
    scrollTo({ top: 0, behavior: "smooth" }) // the new release appears at the top
    rollback.mutate(to, {
      onSuccess: (made) =>
        toast({
          title: `v${made.version} is live`,
          body: `It runs the code and the config vars of v${to.version}.`,
        }),
      onError: (error) =>
        toast({
          title: `Rollback to v${to.version} failed; nothing has changed`,
          body: error.message,
          tone: "bad",
        }),
    })
  }
  return (
    <>
      {!deployed && <FirstPush name={name} />}
      <Timeline
        name={name}
        releases={releases}
        rollingBackTo={rollback.isPending ? rollback.variables : undefined}
        onRollback={setChosen}
      />
      {chosen && current && (
        <RollbackDialog
          name={name}
          current={current}
          to={chosen}
          next={(releases[0]?.version ?? 0) + 1}
          onConfirm={() => goBack(chosen)}
          onCancel={() => setChosen(undefined)}
        />
      )}
    </>
  )
}

/** Says so when the first code arrives while one watches. */
function useFirstDeployToast(name: string, deployed: boolean) {
  const toast = useToast()
  const before = useRef(deployed)
  useEffect(() => {
    if (deployed && !before.current)
      toast({ title: `${name} is live`, body: "The first release with code answers now." })
    before.current = deployed
  }, [name, deployed, toast])
}
