// A page of a real Chromium that notices what a user would not: foreign requests, errors, broken policies.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { chromium } from "playwright-core"

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

/** A new browser with an empty profile. `complaints` collects all that should not have happened. */
export async function openPage(url) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium"
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", ...QUIET] })
  const context = await browser.newContext({ baseURL: url, reducedMotion: "reduce", viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints = []
  await watch(page, url, complaints)
  return { browser, page, complaints }
}

async function watch(page, url, complaints) {
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) complaints.push(`request to ${request.url()}`)
  })
  page.on("pageerror", (error) => complaints.push(`error: ${error}`))
  page.on("console", (message) => {
    if (message.type() === "error" && !isRefusedKey(message)) complaints.push(`console: ${message.text()} (${message.location().url})`)
  })
  await page.exposeFunction("policyBroken", (what) => complaints.push(`policy: ${what}`))
  await page.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) => window.policyBroken(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)),
  )
}

/** Chromium logs each answer 401; before one has signed in they are expected. */
const isRefusedKey = (message) => message.text().includes("401") && /\/(account|sessions)$/.test(message.location().url)

/** Asserts that assistive technology can use what is shown now, light and dark; keeps pictures of it in the folder SCREENSHOTS. */
export async function look(page, name) {
  await page.evaluate(AXE)
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(painted)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${colorScheme}.png` })
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }))
    const words = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join("\n  ")}`)
    assert.deepEqual(words, [], `the page "${name}" is not accessible (${colorScheme})`)
  }
}

/** Resolves when the colours have stopped changing; a cursor that blinks for ever does not count. */
async function painted() {
  const frame = () => new Promise(requestAnimationFrame)
  await frame()
  do await frame()
  while (document.getAnimations().some((animation) => animation instanceof CSSTransition && animation.playState === "running"))
}
