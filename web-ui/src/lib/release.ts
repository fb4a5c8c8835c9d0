import type { Release } from "../api/client"

export type ReleaseKind = "created" | "deploy" | "config" | "rollback" | "other"

/** How a release came about, read from its description: the API has no field for it. */
export function kindOf({ description }: Pick<Release, "description">): ReleaseKind {
  if (/^Deploy /.test(description)) return "deploy"
  if (/^Rollback to /.test(description)) return "rollback"
  if (/ config vars$/.test(description)) return "config"
  if (description === "Initial release") return "created"
  return "other"
}

/** The version that a rollback went back to. */
export function rolledBackTo({ description }: Pick<Release, "description">): number | undefined {
  const version = /^Rollback to v(\d+)$/.exec(description)?.[1]
  return version === undefined ? undefined : Number(version)
}

export interface KeyChanges {
  added: string[]
  changed: string[]
  removed: string[]
}

/** Which config vars differ between two releases: names only. */
export function keyChanges(from: Record<string, string>, to: Record<string, string>): KeyChanges {
  const names = (vars: Record<string, string>) => Object.keys(vars).sort()
  return {
    added: names(to).filter((key) => !Object.hasOwn(from, key)),
    changed: names(to).filter((key) => Object.hasOwn(from, key) && from[key] !== to[key]),
    removed: names(from).filter((key) => !Object.hasOwn(to, key)),
  }
}

/** Releases in runs of the same heading (a day), in the order they came. */
export function grouped<T>(items: T[], heading: (item: T) => string): { heading: string; items: T[] }[] {
  const groups: { heading: string; items: T[] }[] = []
  for (const item of items) {
    const last = groups.at(-1)
    if (last && last.heading === heading(item)) last.items.push(item)
    else groups.push({ heading: heading(item), items: [item] })
  }
  return groups
}
