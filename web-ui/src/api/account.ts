import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { type Account, answerOf, api } from "./client"
import { keys } from "./keys"

/** Who is signed in; `null` once a session is known to have ended. */
export function useAccount() {
  return useQuery<Account | null>({
    queryKey: keys.account,
    queryFn: () => answerOf(api.GET("/account")),
    staleTime: 5 * 60_000,
  })
}

/** Exchanges an API key for a session cookie, which scripts can't read. */
export function useSignIn() {
  const cache = useQueryClient()
  return useMutation({
    meta: { signsIn: true },
    mutationFn: async (key: string) => {
      await answerOf(api.POST("/sessions", { body: { key } }))
      return answerOf(api.GET("/account"))
    },
    onSuccess: (account) => cache.setQueryData(keys.account, account),
  })
}

/** Ends the session. The caller loads the page anew, so that nothing of it stays in memory. */
export const useSignOut = () => useMutation({ mutationFn: () => answerOf(api.DELETE("/sessions")) })
