// node:os.
export * from "toolchain:unenv/node/os";
export const EOL = "\n";
export const arch = () => "wasm32";
export const platform = () => "linux";
export const type = () => "Linux";
export const release = () => "";
export const hostname = () => process.env.PAAS_APP_NAME ?? "localhost";
export const homedir = () => "/app";
export const tmpdir = () => "/tmp";
export const uptime = () => process.uptime();
export const availableParallelism = () => 1;
export const cpus = () => [{ model: "", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }];
export const networkInterfaces = () => ({});
export const userInfo = () => ({ username: "app", uid: 1000, gid: 1000, shell: null, homedir: "/app" });
