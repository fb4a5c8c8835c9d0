import { expect, test } from "vitest"
import { parseLogLine, printable, routerFields } from "./logLine"

test("a line is taken apart into time, source, process and text", () => {
  const line = parseLogLine("2026-11-23T05:29:35.123456+00:00 app[web.1]: hello: [world]")
  expect(line.at?.toISOString()).toBe("2026-11-23T05:29:35.123Z")
  expect(line).toMatchObject({ source: "app", process: "web.1", text: "hello: [world]" })
})

test("an empty message and a line of another form are kept", () => {
  expect(parseLogLine("2026-11-23T05:29:35.123456+00:00 app[web.1]: ").text).toBe("")
  expect(parseLogLine("something else")).toMatchObject({ at: undefined, source: "", text: "something else" })
  expect(parseLogLine("yesterday app[web.1]: x").text).toBe("yesterday app[web.1]: x")
})

test("control and direction characters are shown, never obeyed", () => {
  expect(printable("a\u001b[31mb\u0000\tc")).toBe("a\\x1b[31mb\\x00\tc")
  expect(printable("x\u202ey")).toBe("x\\u{202e}y")
})

test("router lines fall into their fields", () => {
  const raw = '2026-11-23T05:29:35.1+00:00 paas[router]: at=info method=GET path="/a b?x=1" dyno= status=200'
  expect(routerFields(parseLogLine(raw))).toEqual([
    { key: "at", value: "info" },
    { key: "method", value: "GET" },
    { key: "path", value: '"/a b?x=1"' },
    { key: "dyno", value: "" },
    { key: "status", value: "200" },
  ])
  expect(
    routerFields(parseLogLine("2026-11-23T05:29:35.1+00:00 app[web.1]: at=info a=b c=d e=f")),
  ).toBeUndefined()
})
