// What happens outside the browser meanwhile: a terminal in the repository, a visitor, a build that waits.
import { spawn } from "node:child_process"
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

/** An address that answers once `open` has been called; the build of the sample `greeter` waits for it. */
export async function gate() {
  let open
  const opened = new Promise((resolve) => (open = resolve))
  const server = http.createServer(async (_request, answer) => {
    await opened
    answer.end()
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, open, close: () => server.close() }
}
