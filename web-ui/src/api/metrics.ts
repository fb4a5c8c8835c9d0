import { useQuery } from "@tanstack/react-query"
import { answerOf, api } from "./client"
import { keys } from "./keys"

/** What an app's requests cost since the platform started; asked again while one looks. */
export const useMetrics = (app: string) =>
  useQuery({
    queryKey: keys.metrics(app),
    queryFn: () => answerOf(api.GET("/apps/{app}/metrics", { params: { path: { app } } })),
    refetchInterval: 5_000,
  })
