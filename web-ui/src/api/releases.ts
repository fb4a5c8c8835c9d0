import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { appQuery } from "./apps"
import { answerOf, api, type Release } from "./client"
import { keys } from "./keys"

/** An app's releases, newest first. When they tell of a release that the app itself does not name yet, the app is asked for again. */
export function useReleases(app: string) {
  const cache = useQueryClient()
  return useQuery({
    queryKey: keys.releases(app),
    queryFn: async () => {
      const releases = await answerOf(api.GET("/apps/{app}/releases", { params: { path: { app } } }))
      const current = releases.find((release) => release.current)?.version
      const known = cache.getQueryData(appQuery(app).queryKey)
      if (known && known.current_release !== current) {
        void cache.invalidateQueries({ queryKey: keys.app(app), exact: true })
      }
      return releases
    },
    select: (releases) => [...releases].sort((a, b) => b.version - a.version),
    refetchInterval: 4_000,
  })
}

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
