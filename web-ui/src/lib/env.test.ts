import { expect, test } from "vitest"
import { looksLikeEnv, parseEnv } from "./env"

const vars = (text: string) => Object.fromEntries(parseEnv(text).vars.map(({ key, value }) => [key, value]))

test("plain, exported and commented lines are understood", () => {
  expect(
    vars("# a comment\nA=1\n\nexport B = two words # not me\r\nC=\nURL=postgres://u:p@h/db?x=1#frag"),
  ).toEqual({
    A: "1",
    B: "two words",
    C: "",
    URL: "postgres://u:p@h/db?x=1#frag",
  })
})

test("quotes keep spaces, double quotes also understand escapes", () => {
  expect(vars(`A=" x # y "\nB='a\\nb'\nC="a\\nb\\"c"`)).toEqual({ A: " x # y ", B: "a\\nb", C: 'a\nb"c' })
})

test("a quoted value may run over several lines", () => {
  expect(vars('KEY="-----BEGIN\nabc\n-----END"\nNEXT=1')).toEqual({
    KEY: "-----BEGIN\nabc\n-----END",
    NEXT: "1",
  })
})

test("a quote that is never closed is an ordinary character", () => {
  expect(vars("A='tis\nB=2")).toEqual({ A: "'tis", B: "2" })
})

test("lines that are no assignment are reported by number", () => {
  expect(parseEnv("A=1\nhello world\n2B=x").problems).toEqual([
    { line: 2, text: "hello world" },
    { line: 3, text: "2B=x" },
  ])
  expect(looksLikeEnv("hello")).toBe(false)
  expect(looksLikeEnv("A=1\nB=2")).toBe(true)
})
