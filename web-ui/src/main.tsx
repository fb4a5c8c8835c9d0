import { QueryClientProvider } from "@tanstack/react-query"
import { Tooltip } from "radix-ui"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { RouterProvider } from "react-router"
import { queryClient } from "./app/query"
import { router } from "./app/router"
import { applyTheme, storedTheme } from "./app/theme"
import { Toasts } from "./ui/Toasts"
import "./ui/tokens.css"
import "./ui/base.css"

applyTheme(storedTheme())
const root = document.getElementById("root")
if (!root) throw new Error("index.html has no #root")

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={350}>
        <Toasts>
          <RouterProvider router={router} />
        </Toasts>
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
)
