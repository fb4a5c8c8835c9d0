// The smallest site builder: what Vite or Astro do, in ten lines.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

mkdirSync("dist/assets", { recursive: true });
const script = readFileSync("src/main.js", "utf8");
writeFileSync("dist/assets/main-1a2b3c4d.js", script);
writeFileSync("dist/index.html", readFileSync("index.html", "utf8").replace("/src/main.js", "/assets/main-1a2b3c4d.js"));
console.log("built the site");
