import { expect, test } from "vitest"
import { grouped, keyChanges, kindOf, rolledBackTo } from "./release"

const of = (description: string) => kindOf({ description })

test("a release's kind is read from its description", () => {
  expect(of("Initial release")).toBe("created")
  expect(of("Deploy 4c47f1a2")).toBe("deploy")
  expect(of("Set A, B config vars")).toBe("config")
  expect(of("Set A and remove B config vars")).toBe("config")
  expect(of("Rollback to v51")).toBe("rollback")
  expect(of("Promote x v12 4c47f1a")).toBe("other")
  expect(rolledBackTo({ description: "Rollback to v51" })).toBe(51)
  expect(rolledBackTo({ description: "Deploy 4c47f1a2" })).toBeUndefined()
})

test("config changes are told by name", () => {
  expect(keyChanges({ A: "1", B: "2", C: "3" }, { B: "2", C: "x", D: "4" })).toEqual({
    added: ["D"],
    changed: ["C"],
    removed: ["A"],
  })
})

test("neighbours with the same heading stand together", () => {
  const groups = grouped([1, 3, 2, 5], (n) => (n % 2 ? "odd" : "even"))
  expect(groups.map(({ heading, items }) => [heading, items])).toEqual([
    ["odd", [1, 3]],
    ["even", [2]],
    ["odd", [5]],
  ])
})
