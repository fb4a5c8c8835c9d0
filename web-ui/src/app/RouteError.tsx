import { useRouteError } from "react-router"
import { Button, ButtonLink } from "../ui/Button"
import { Empty } from "../ui/Panel"

/** What a page shows when its own code failed; the rest of the dashboard goes on. */
export function RouteError() {
  const error = useRouteError()
  return (
    <>
      <title>Something broke · paas</title>
      <Empty
        page
        title="This page broke"
        actions={
          <>
            <Button look="primary" onClick={() => location.reload()}>
              Load again
            </Button>
            <ButtonLink to="/apps" reloadDocument>
              All apps
            </ButtonLink>
          </>
        }
      >
        <p>That is our fault, not yours. Load it again; if it breaks again, report this:</p>
        <p>
          <code>{error instanceof Error ? `${error.name}: ${error.message}` : String(error)}</code>
        </p>
      </Empty>
    </>
  )
}
