import { useQuery } from "@tanstack/react-query"
import { answerOf, api } from "./client"
import { keys } from "./keys"

/** What an app's requests and instances may use. */
export const useLimits = (app: string) =>
  useQuery({
    queryKey: keys.limits(app),
    queryFn: () => answerOf(api.GET("/apps/{app}/limits", { params: { path: { app } } })),
  })
