import { createBrowserRouter, Navigate } from "react-router"
import { AppLayout } from "../pages/app/AppLayout"
import { AppsPage } from "../pages/apps/AppsPage"
import { NewAppPage } from "../pages/apps/NewAppPage"
import { BuildPage } from "../pages/builds/BuildPage"
import { BuildsPage } from "../pages/builds/BuildsPage"
import { ConfigPage } from "../pages/config/ConfigPage"
import { LoginPage } from "../pages/login/LoginPage"
import { LogsPage } from "../pages/logs/LogsPage"
import { MetricsPage } from "../pages/metrics/MetricsPage"
import { ReleasesPage } from "../pages/releases/ReleasesPage"
import { SettingsPage } from "../pages/settings/SettingsPage"
import { NotFound } from "./NotFound"
import { RequireAccount } from "./RequireAccount"
import { RouteError } from "./RouteError"
import { Shell } from "./Shell"

/** Every page of the dashboard. */
export const router = createBrowserRouter([
  {
    errorElement: <RouteError />,
    children: [
      { path: "/login", element: <LoginPage /> },
      {
        element: <RequireAccount />,
        children: [
          {
            element: <Shell />,
            children: [
              {
                errorElement: <RouteError />,
                children: [
                  { path: "/", element: <Navigate to="/apps" replace /> },
                  { path: "/apps", element: <AppsPage /> },
                  { path: "/apps/new", element: <NewAppPage /> },
                  {
                    path: "/apps/:name",
                    element: <AppLayout />,
                    children: [
                      { index: true, element: <ReleasesPage /> },
                      { path: "releases", element: <Navigate to=".." relative="path" replace /> },
                      { path: "config", element: <ConfigPage /> },
                      { path: "logs", element: <LogsPage /> },
                      { path: "metrics", element: <MetricsPage /> },
                      { path: "builds", element: <BuildsPage /> },
                      { path: "builds/:id", element: <BuildPage /> },
                      { path: "settings", element: <SettingsPage /> },
                      { path: "*", element: <NotFound /> },
                    ],
                  },
                  { path: "*", element: <NotFound /> },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
])
