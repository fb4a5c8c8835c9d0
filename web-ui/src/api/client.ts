import createClient from "openapi-fetch"
import type { components, paths } from "../generated/api"

export type Account = components["schemas"]["Account"]
export type App = components["schemas"]["App"]
export type Build = components["schemas"]["Build"]
export type Metrics = components["schemas"]["Metrics"]
export type ReleaseMetrics = components["schemas"]["ReleaseMetrics"]
export type Quantiles = components["schemas"]["Quantiles"]
export type Release = components["schemas"]["Release"]
export type ConfigVars = Record<string, string>
/** `null` removes. */
export type ConfigPatch = Record<string, string | null>

/** The public API, typed by its OpenAPI document. The session cookie travels by itself. */
export const api = createClient<paths>({
  headers: { Accept: "application/vnd.heroku+json; version=3" },
  // Pages live at the same addresses as the API: nothing of one may be found in the cache by the other.
  cache: "no-store",
  fetch: (request) => fetch(request).catch(unreachable),
})

/** A refusal of the platform, in its words. `status` 0: no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly id: string,
    message: string,
    readonly requestId?: string,
  ) {
    super(message)
    this.name = "ApiError"
  }
}

export const isSignedOut = (error: unknown) => error instanceof ApiError && error.status === 401
export const isNotFound = (error: unknown) => error instanceof ApiError && error.status === 404

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** What the platform answered, or its refusal thrown as an `ApiError`. */
export async function answerOf<T>(pending: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await pending
  if (response.ok) return data as T
  throw refusal(response, error)
}

/** The refusal that an answer carries, also when it did not come from the platform but from something before it. */
export function refusal(response: Response, body: unknown): ApiError {
  const { id, message } = (typeof body === "object" && body ? body : {}) as { id?: string; message?: string }
  const words = message ?? `The platform answered ${response.status}. Look into its log, then try again.`
  return new ApiError(
    response.status,
    id ?? "unknown",
    words,
    response.headers.get("request-id") ?? undefined,
  )
}

export function unreachable(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === "AbortError") throw cause
  throw new ApiError(
    0,
    "unreachable",
    "The platform does not answer. Check that paasd is running, then try again.",
  )
}
