import { useQuery } from "@tanstack/react-query"
import { pathOf } from "../lib/names"
import { answerOf, api, type Build, refusal, unreachable } from "./client"
import { keys } from "./keys"

export const isRunning = (build: Build) => build.status === "pending"

/** An app's builds, newest first. */
export const useBuilds = (app: string) =>
  useQuery({
    queryKey: keys.builds(app),
    queryFn: () => answerOf(api.GET("/apps/{app}/builds", { params: { path: { app } } })),
    select: (builds) => [...builds].sort((a, b) => b.created_at.localeCompare(a.created_at)),
    refetchInterval: 4_000,
  })

export const useBuild = (app: string, build: string) =>
  useQuery({
    queryKey: keys.build(app, build),
    queryFn: () => answerOf(api.GET("/apps/{app}/builds/{build}", { params: { path: { app, build } } })),
    refetchInterval: ({ state }) => (state.data && !isRunning(state.data) ? false : 2_000),
  })

/** Reads a build's output as it comes, piece by piece, until the build has ended or `signal` says stop. */
export async function readOutput(
  build: Build,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  const response = await fetch(pathOf(build.output_stream_url), {
    headers: { Accept: "text/plain" },
    cache: "no-store",
    signal,
  }).catch(unreachable)
  if (!response.ok || !response.body) throw refusal(response, await response.json().catch(() => undefined))
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) onText(next.value)
}
