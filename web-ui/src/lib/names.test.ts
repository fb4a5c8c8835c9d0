import { describe, expect, test } from "vitest"
import { appNameProblem, configKeyProblem, hostOf, pathOf, safeNext } from "./names"

describe("app names", () => {
  test("ordinary names are taken", () => {
    for (const name of ["hello", "a-b-c", "app1", "abc", "a".repeat(30)])
      expect(appNameProblem(name)).toBeUndefined()
  })
  test("names that would break a host name are refused", () => {
    for (const name of [
      "",
      "ab",
      "1abc",
      "abc-",
      "-abc",
      "Hello",
      "a_b",
      "a--v1",
      "a.b",
      "a".repeat(31),
      "é-app",
      "paas",
    ]) {
      expect(appNameProblem(name), name).toBeTypeOf("string")
    }
  })
})

test("config var names follow the platform's rule", () => {
  for (const key of ["A", "_a", "DATABASE_URL", "x1"]) expect(configKeyProblem(key)).toBeUndefined()
  for (const key of ["", "1A", "A-B", "__A", "A B", "É", "PAAS_X"])
    expect(configKeyProblem(key), key).toBeTypeOf("string")
})

test("addresses keep to the host the page came from", () => {
  expect(pathOf("http://elsewhere:8080/logs/abc?x=1")).toBe("/logs/abc?x=1")
  expect(pathOf("/logs/abc")).toBe("/logs/abc")
  expect(hostOf("http://hello.localhost:8080/")).toBe("hello.localhost:8080")
})

test("signing in never leads to another site", () => {
  expect(safeNext("/apps/hello/config")).toBe("/apps/hello/config")
  for (const next of [null, "", "https://evil.example", "//evil.example", "/\\evil.example"])
    expect(safeNext(next)).toBe("/apps")
})
