// Apps that cannot start ahead of their first request, because they use the network to do so: these start with each request.
import { onFirstRequest } from "./boot.js";
import { env } from "./process.js";

/** The platform has tried to boot ahead, and boots again in this way. Its host knows the words of `announce`, too. */
export const late = env.PAAS_BOOT === "late";
delete env.PAAS_BOOT;
export const announce = (reason) => console.log(`The app starts with each request: ${reason}`);

let need;
/** Settles, with the reason, when something at boot needs a request around it. */
export const needed = new Promise((resolve) => (need = resolve));

const native = globalThis.fetch;
let booting = true;
onFirstRequest(() => (booting = false));

globalThis.fetch = function fetch(...values) {
  if (!booting) return native.apply(globalThis, values);
  need("it uses the network while it starts. Move that into a request's handler to make requests faster.");
  return new Promise(() => {});
};
