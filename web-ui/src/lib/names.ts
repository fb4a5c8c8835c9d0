/** The rule of the platform for app names; the platform checks again and has the last word. */
const RESERVED = ["paas", "api", "git", "www", "localhost", "admin", "dashboard", "healthz", "internal", "new"]

/** What is wrong with an app name, in words, or nothing. */
export function appNameProblem(name: string): string | undefined {
  if (!/^[a-z]/.test(name)) return "Begin with a lowercase letter."
  if (/[^a-z0-9-]/.test(name)) return "Use only lowercase letters, digits and dashes."
  if (name.includes("--")) return "Use single dashes: two in a row separate a release in a host name."
  if (name.endsWith("-")) return "End with a letter or a digit."
  if (name.length < 3) return "Use at least 3 characters."
  if (name.length > 30) return `Use at most 30 characters; this is ${name.length}.`
  if (RESERVED.includes(name)) return `The name ${name} belongs to the platform. Choose another one.`
  return undefined
}

/** What is wrong with the name of a config var, in words, or nothing. */
export function configKeyProblem(key: string): string | undefined {
  if (key === "") return "Give the config var a name."
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    return "Use letters, digits and underscores, and do not begin with a digit."
  }
  if (key.startsWith("__")) return "Do not begin with two underscores."
  if (key.startsWith("PAAS_")) return "Names that begin with PAAS_ belong to the platform."
  if (key.length > 256) return "Use at most 256 characters."
  return undefined
}

/** A commit as people write it. */
export const shortCommit = (commit: string) => commit.slice(0, 8)

/** `http://hello.localhost:8080/` → `hello.localhost:8080`. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

/** The part of an address below the host: requests never leave the host the page came from. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url, "http://platform/")
  return pathname + search
}

/** Where to go after signing in: a path of this dashboard, never another site. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/apps"
}
