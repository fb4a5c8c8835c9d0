// What happens outside the browser meanwhile: a terminal in the repository, a visitor, a build that waits.
import { execFile, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import http from "node:http"

/** Runs a command as a person types it; resolves to what it said. */
export function type(command) {
  const child = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (said += piece))
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => (code === 0 ? resolve(said) : reject(new Error(`${command} ended with ${code}:\n${said}`))))
  })
}

/** Sent to loopback with the app's host: `*.localhost` does not resolve everywhere. */
export function visit(url, app, path = "/") {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const request = http.get({ host: "127.0.0.1", port, path, headers: { host: `${app}.localhost:${port}` } }, async (answer) => {
      let text = ""
      for await (const piece of answer) text += piece
      resolve(text)
    })
    request.on("error", reject)
  })
}

/**
 * A gate that the build of the sample `greeter` waits at. A build has no network, so `open` finds it by the name that it takes, and signals it.
 */
export function gate() {
  const name = `gate-${randomUUID().slice(0, 8)}` // no longer than `node build.mjs`, whose place it takes
  const open = () => new Promise((resolve, reject) => execFile("pkill", ["-USR2", "-f", name], (error) => (error ? reject(error) : resolve())))
  return { name, open }
}
