export { process as default } from "../process.js";
import { process } from "../process.js";
export const { env, argv, cwd, exit, hrtime, nextTick, platform, stderr, stdout, version, versions, pid, emitWarning, memoryUsage, uptime } = process;
