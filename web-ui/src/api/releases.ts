import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { answerOf, api, type Release } from "./client"
import { keys } from "./keys"

/** An app's releases, newest first. */
export const useReleases = (app: string) =>
  useQuery({
    queryKey: keys.releases(app),
    queryFn: () => answerOf(api.GET("/apps/{app}/releases", { params: { path: { app } } })),
    select: (releases) => [...releases].sort((a, b) => b.version - a.version),
    refetchInterval: 4_000,
  })

/** The config vars of one release. It never changes, so it is asked for once. */
export const useReleaseConfig = (app: string, version: number, enabled: boolean) =>
  useQuery({
    queryKey: keys.releaseConfig(app, version),
    queryFn: () =>
      answerOf(
        api.GET("/apps/{app}/releases/{release}/config-vars", {
          params: { path: { app, release: String(version) } },
        }),
      ),
    enabled,
    staleTime: Infinity,
    gcTime: 0, // values may be secrets: kept no longer than they are looked at
  })

/** Makes a new release of an earlier one's code and config. Returns once the new release answers. */
export function useRollback(app: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (to: Release) =>
      answerOf(api.POST("/apps/{app}/releases", { params: { path: { app } }, body: { release: to.id } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.apps }),
  })
}
