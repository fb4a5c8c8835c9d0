import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useLayoutEffect, useRef, useState } from "react"
import { isRunning, readOutput } from "../../api/builds"
import type { Build } from "../../api/client"
import { keys } from "../../api/keys"
import { noticeSignedOut } from "../../app/query"
import { printable } from "../../lib/logLine"
import { CopyButton } from "../../ui/Copy"
import { Problem } from "../../ui/Panel"
import styles from "./BuildsPage.module.css"

const MAX_LINES = 5_000

/** What a build prints, as it prints it. */
export function BuildOutput({ app, build }: { app: string; build: Build }) {
  const { text, problem, retry } = useOutput(app, build)
  const lines = text.replace(/\n$/, "").split("\n")
  const box = useRef<HTMLPreElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (atEnd.current && isRunning(build) && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [text, build])
  return (
    <>
      <figure className={styles.output}>
        <figcaption>
          <span>Output</span>
          <CopyButton text={text} label="Copy output" />
        </figcaption>
        <pre
          ref={box}
          role="log"
          aria-live="off"
          aria-label="Build output"
          tabIndex={0}
          onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
            atEnd.current = scrollHeight - scrollTop - clientHeight < 30
          }}
        >
          {lines.length > MAX_LINES && (
            <span data-look="step">
              Only the last {MAX_LINES} lines are shown.{"\n"}
            </span>
          )}
          {lines.slice(-MAX_LINES).map((line, at) => (
            <span key={at} data-look={lookOf(line)}>
              {printable(line)}
              {"\n"}
            </span>
          ))}
          {isRunning(build) && <span className={styles.cursor} aria-hidden="true" />}
        </pre>
      </figure>
      {problem && <Problem error={problem} retry={retry} />}
    </>
  )
}

/** Streams the output from its beginning; when the stream ends, the build is asked how it went. */
function useOutput(app: string, build: Build) {
  const cache = useQueryClient()
  const [text, setText] = useState("")
  const [problem, setProblem] = useState<Error>()
  const [attempt, setAttempt] = useState(0)
  const { id } = build
  useEffect(() => {
    const stop = new AbortController()
    setText("")
    setProblem(undefined)
    readOutput(build, stop.signal, (piece) => setText((text) => text + piece))
      .then(() =>
        Promise.all(
          [keys.app(app), keys.build(app, id)].map((queryKey) => cache.invalidateQueries({ queryKey })),
        ),
      )
      .catch((error: unknown) => {
        if (stop.signal.aborted) return
        noticeSignedOut(error)
        setProblem(error instanceof Error ? error : new Error("The output broke off. Try again."))
      })
    return () => stop.abort()
    // The same build polled anew is the same output.
  }, [app, id, attempt, cache])
  return { text, problem, retry: () => setAttempt(attempt + 1) }
}

/** Headings and refusals stand out, as they do in the terminal. */
function lookOf(line: string): "step" | "refusal" | undefined {
  if (/^(-----|=====)>/.test(line)) return "step"
  if (/^ !( |$)/.test(line)) return "refusal"
  return undefined
}
