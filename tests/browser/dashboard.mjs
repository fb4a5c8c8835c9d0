// One person's day with the dashboard. The working folder is a git repository with the sample `greeter`; PAAS_URL and PAAS_API_KEY name the platform.
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { gate, type, visit } from "./developer.mjs"
import { look, openPage } from "./page.mjs"

const { PAAS_URL: url, PAAS_API_KEY: key } = process.env
const APP = "greeter"

async function main() {
  const { browser, page, complaints } = await openPage(url)
  try {
    for (const step of [signIn, createApp, pushWhileWatching, changeConfig, followLog, rollBack, visitSettings, signOut]) {
      console.log(step.name)
      await step(page)
    }
    assert.deepEqual(complaints, [])
  } catch (error) {
    console.error(`at ${page.url()}:\n${await page.locator("body").innerText()}\ncomplaints: ${complaints.join("\n")}`)
    throw error
  } finally {
    await browser.close()
  }
}

async function signIn(page) {
  await page.goto("/apps/new")
  await page.waitForURL(/\/login\?next=/)
  await look(page, "login")
  await page.getByLabel("API key").fill("paas_wrong")
  await button(page, "Sign in").click()
  await page.getByText("The platform does not know this key.").waitFor()
  await look(page, "login-refused")
  await page.getByLabel("API key").fill(key)
  await button(page, "Sign in").click()
  await page.waitForURL("**/apps/new")
}

async function createApp(page) {
  const name = page.getByLabel("Name", { exact: true })
  await name.fill("Not a name")
  await button(page, "Create app").click()
  await page.locator("[id$=problem]").waitFor()
  assert.equal(await name.getAttribute("aria-invalid"), "true")
  await look(page, "new-app-refused")
  await name.fill(APP)
  await button(page, "Create app").click()
  await page.waitForURL(`**/apps/${APP}`)
}

/** Types the very commands that the page shows, and watches the build until the page turns. */
async function pushWhileWatching(page) {
  const waiting = gate()
  writeFileSync("gate", waiting.name)
  await type("git add --all && git commit --quiet -m First")
  await page.getByText(`paas git:remote -a ${APP}`).waitFor()
  await look(page, "first-push")
  await type(await page.getByText(`paas git:remote -a ${APP}`).innerText())
  const push = type(await page.getByText("git push paas main").innerText())

  await page.getByRole("link", { name: "Watch its output" }).click()
  const output = page.getByRole("log", { name: "Build output" })
  await output.getByText("Waiting until somebody watches").waitFor()
  await page.getByText("Building", { exact: true }).waitFor()
  await look(page, "build-running")
  await link(page, "Releases").click()
  await page.getByRole("link", { name: "Watch its output" }).waitFor()
  await waiting.open()
  assert.match(await push, /Released v2/)

  await page.getByText(`${APP} is live`, { exact: true }).waitFor()
  await release(page, 2).getByText("Current").waitFor()
  await look(page, "releases")
  await page.getByRole("link", { name: "Build output of v2" }).click()
  await output.getByText("Released v2").waitFor()
  await page.getByText("Succeeded", { exact: true }).waitFor()
  await look(page, "build")
  assert.equal(await visit(url, APP), "Hello, world!\n")
}

async function changeConfig(page) {
  await link(page, "Config vars").click()
  await page.getByText("No config vars yet").waitFor()
  await page.getByLabel("Key", { exact: true }).fill("GREETING")
  await page.getByLabel("Value", { exact: true }).fill("Bye")
  await button(page, "Add and release").click()
  await page.getByText("Saved as v3", { exact: true }).waitFor()
  assert.equal(await visit(url, APP), "Bye, world!\n")

  const vars = page.getByRole("list", { name: "Config vars" })
  await vars.getByText("GREETING").waitFor()
  assert.equal(await vars.getByText("Bye").count(), 0, "a value is hidden until asked for")
  await button(page, "Reveal GREETING").click()
  await vars.getByText("Bye").waitFor()
  await look(page, "config")
  await button(page, "Edit GREETING").click()
  await page.getByLabel("Value of GREETING").fill("Good day")
  await button(page, "Save and release").click()
  await page.getByText("Saved as v4", { exact: true }).waitFor()
  await button(page, "Remove GREETING").click()
  await look(page, "config-remove")
  await button(page.getByRole("alertdialog"), "Remove and release").click()
  await page.getByText("Saved as v5", { exact: true }).waitFor()
  await page.getByText("No config vars yet").waitFor()
  assert.equal(await visit(url, APP), "Hello, world!\n")
}

async function followLog(page) {
  await link(page, "Log").click()
  await page.getByRole("status").getByText("Live").waitFor()
  await visit(url, APP, "/seen-live")
  const log = page.getByRole("log", { name: "Log" })
  await log.getByText("greeting /seen-live").waitFor()
  await log.getByText('"/seen-live"').or(log.getByText("path=/seen-live")).first().waitFor()
  for (let line = 1; line <= 30; line++) await visit(url, APP, `/line-${line}`)
  await log.getByText("greeting /line-30").waitFor()
  await atEnd(page, log)
  await page.setViewportSize({ width: 400, height: 900 })
  await atEnd(page, log)
  await look(page, "log-narrow")
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.getByRole("status").getByText("Live").waitFor()
  await atEnd(page, log)
  await look(page, "log")
  await page.getByRole("radio", { name: "Router" }).click()
  await log.getByText("greeting /seen-live").waitFor({ state: "detached" })
  await page.getByRole("radio", { name: "All" }).click()
  await page.getByLabel("Filter lines").fill("release v3")
  await log.getByText("Release v3 created").waitFor()
}

/** The newest line stays in view, however lines wrap. */
async function atEnd(page, log) {
  await page.waitForFunction((box) => box.scrollHeight - box.scrollTop - box.clientHeight <= 1, await log.elementHandle())
}

async function rollBack(page) {
  await link(page, "Releases").click()
  await release(page, 5).getByText("Current").waitFor()
  await button(page, "Roll back to v3").click()
  const question = page.getByRole("alertdialog", { name: "Roll back to v3?" })
  await question.getByText("comes back").waitFor()
  await look(page, "rollback")
  assert.equal(await visit(url, APP), "Hello, world!\n", "nothing changes before the answer")
  await button(question, "Roll back to v3").click()
  await page.getByText("v6 is live", { exact: true }).waitFor()
  await release(page, 6).getByText("Current").waitFor()
  assert.equal(await page.getByText("Current", { exact: true }).count(), 1)
  assert.equal(await visit(url, APP), "Bye, world!\n")
  await look(page, "rolled-back")
}

async function visitSettings(page) {
  await link(page, "Settings").click()
  await page.getByRole("switch", { name: "Maintenance mode" }).click()
  await page.getByText("Maintenance is on", { exact: true }).waitFor()
  assert.doesNotMatch(await visit(url, APP), /Bye/)
  await look(page, "settings")
  await page.getByRole("switch", { name: "Maintenance mode" }).click()
  await page.getByText("Maintenance is off", { exact: true }).waitFor()
  await link(page, "Metrics").click()
  await page.getByRole("img", { name: /requests in the last hour/ }).waitFor()
  await page.getByRole("rowheader", { name: "v2", exact: true }).waitFor()
  await look(page, "metrics")
  await link(page, "Builds").click()
  await page.getByRole("list", { name: "Builds" }).waitFor()
  await look(page, "builds")
  await link(page, "Apps").click()
  await page.getByRole("list", { name: "Apps" }).getByRole("link", { name: APP, exact: true }).waitFor()
  await look(page, "apps")
}

async function signOut(page) {
  await page.getByRole("button", { name: /^Account / }).click()
  await page.getByRole("menuitem", { name: "Sign out" }).click()
  await page.waitForURL("**/login")
  await page.goto(`/apps/${APP}`)
  await page.waitForURL(/\/login\?next=/)
}

const button = (within, name) => within.getByRole("button", { name, exact: true })
const link = (page, name) => page.getByRole("link", { name, exact: true })
const release = (page, version) => page.locator(`#v${version}`)

await main()
