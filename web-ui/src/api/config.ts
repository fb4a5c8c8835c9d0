import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { appQuery } from "./apps"
import { answerOf, api, type ConfigPatch } from "./client"
import { keys } from "./keys"

export const useConfig = (app: string) =>
  useQuery({
    queryKey: keys.config(app),
    queryFn: () => answerOf(api.GET("/apps/{app}/config-vars", { params: { path: { app } } })),
    gcTime: 0, // values may be secrets: kept no longer than they are looked at
  })

/** Changes config vars, which makes a release; answers with the app as it is once that release answers. */
export function useUpdateConfig(app: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (patch: ConfigPatch) => {
      const vars = await answerOf(
        api.PATCH("/apps/{app}/config-vars", { params: { path: { app } }, body: patch }),
      )
      cache.setQueryData(keys.config(app), vars)
      return cache.fetchQuery({ ...appQuery(app), staleTime: 0 })
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.apps }),
  })
}
