import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query"
import { ApiError, isSignedOut } from "../api/client"
import { keys } from "../api/keys"

/** The one cache of what the platform said. An answer 401 to anything but signing in ends the session everywhere. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _result, mutation) => {
      if (!mutation.meta?.signsIn) noticeSignedOut(error)
    },
  }),
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status >= 500),
      staleTime: 1_000,
    },
  },
})

/** Forgets the account when the platform no longer knows the session; the page then leads to sign-in. */
export function noticeSignedOut(error: unknown): void {
  if (isSignedOut(error)) queryClient.setQueryData(keys.account, null)
}
