// A build that lasts until it has been seen: whoever wrote `gate`, a name, sends a signal to the process of that name.
import { copyFileSync, existsSync, readFileSync } from "node:fs";

if (existsSync("gate")) {
  process.title = readFileSync("gate", "utf8");
  const signalled = new Promise((resolve) => process.once("SIGUSR2", resolve));
  const awake = setInterval(() => {}, 1000);
  console.log("Waiting until somebody watches");
  await signalled;
  clearInterval(awake);
  console.log("Somebody watches");
}
copyFileSync("app.js", "built.js");
