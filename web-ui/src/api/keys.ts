/** Where each noun lies in the query cache; a change to an app invalidates everything below `keys.app(name)`. */
export const keys = {
  account: ["account"] as const,
  apps: ["apps"] as const,
  app: (app: string) => ["apps", app] as const,
  releases: (app: string) => ["apps", app, "releases"] as const,
  releaseConfig: (app: string, version: number) => ["apps", app, "releases", version, "config"] as const,
  config: (app: string) => ["apps", app, "config"] as const,
  limits: (app: string) => ["apps", app, "limits"] as const,
  metrics: (app: string) => ["apps", app, "metrics"] as const,
  builds: (app: string) => ["apps", app, "builds"] as const,
  build: (app: string, build: string) => ["apps", app, "builds", build] as const,
}
