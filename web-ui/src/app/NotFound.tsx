import { useLocation } from "react-router"
import { ButtonLink } from "../ui/Button"
import { Empty } from "../ui/Panel"

/** An address where nothing is. */
export function NotFound() {
  const { pathname } = useLocation()
  return (
    <>
      <title>Not found · paas</title>
      <Empty page title="There is nothing here" actions={<ButtonLink to="/apps">All apps</ButtonLink>}>
        <p>
          No page has the address <code>{pathname}</code>. Check it, or begin with your apps.
        </p>
      </Empty>
    </>
  )
}
