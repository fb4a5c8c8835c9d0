import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { answerOf, api } from "./client"
import { keys } from "./keys"

export const appQuery = (app: string) =>
  queryOptions({
    queryKey: keys.app(app),
    queryFn: () => answerOf(api.GET("/apps/{app}", { params: { path: { app } } })),
    refetchInterval: 10_000,
  })

export const useApp = (app: string) => useQuery(appQuery(app))

export const useApps = () =>
  useQuery({
    queryKey: keys.apps,
    queryFn: () => answerOf(api.GET("/apps")),
    refetchInterval: 10_000,
  })

export function useCreateApp() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => answerOf(api.POST("/apps", { body: { name } })),
    onSuccess: (app) => {
      cache.setQueryData(keys.app(app.name), app)
      return cache.invalidateQueries({ queryKey: keys.apps, exact: true })
    },
  })
}

/** Maintenance on or off; the switch moves at once and moves back when the platform refuses. */
export function useSetMaintenance(app: string) {
  const cache = useQueryClient()
  const { queryKey } = appQuery(app)
  return useMutation({
    mutationFn: (maintenance: boolean) =>
      answerOf(api.PATCH("/apps/{app}", { params: { path: { app } }, body: { maintenance } })),
    onMutate: async (maintenance) => {
      await cache.cancelQueries({ queryKey, exact: true })
      const before = cache.getQueryData(queryKey)
      if (before) cache.setQueryData(queryKey, { ...before, maintenance })
      return { before }
    },
    onError: (_error, _maintenance, context) => cache.setQueryData(queryKey, context?.before),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.apps }),
  })
}

export function useDeleteApp(app: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => answerOf(api.DELETE("/apps/{app}", { params: { path: { app } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.apps, exact: true }),
  })
}
