// Stands in for Vite: pages and scripts in, dist/ out.
import { cpSync, writeFileSync } from "node:fs";

cpSync("web", "dist", { recursive: true });
writeFileSync("dist/_headers", "/*\n  X-Served-By: assets\n");
