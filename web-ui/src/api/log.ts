import { pathOf } from "../lib/names"
import { answerOf, api } from "./client"

/** How many past lines a fresh view begins with. */
const PAST_LINES = 500

/** Opens an app's live log; the caller closes it. */
export async function openLog(app: string): Promise<EventSource> {
  const session = await answerOf(
    api.POST("/apps/{app}/log-sessions", {
      params: { path: { app } },
      body: { tail: true, lines: PAST_LINES },
    }),
  )
  return new EventSource(pathOf(session.logplex_url))
}
