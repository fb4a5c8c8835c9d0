import react from "@vitejs/plugin-react"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"

const ours = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Where `npm run dev` finds a running platform.
const platform = process.env.PAAS_URL ?? "http://localhost:8080"

// Pages and API share their paths; the Accept header tells them apart, here as in the platform itself.
const proxied = {
  target: platform,
  changeOrigin: true,
  headers: { origin: platform },
  bypass: ({ url, headers }: { url?: string; headers: { accept?: string } }) =>
    headers.accept?.includes("text/html") ? url : undefined,
}

export default defineConfig({
  plugins: [react()],
  resolve: {
    // The library behind Radix' scroll lock writes <style> tags, which our Content-Security-Policy forbids.
    alias: { "react-style-singleton": ours("src/lib/styleSingleton.ts") },
  },
  build: {
    target: ["chrome123", "firefox121", "safari17.5"], // light-dark() and oklch() are kept as they are
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      "^/(apps|account|sessions|logs|builds)(/|$)": proxied,
    },
  },
})
