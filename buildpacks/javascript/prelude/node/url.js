export const { URL, URLSearchParams } = globalThis;
export const fileURLToPath = (url) => decodeURIComponent(new URL(url).pathname);
export const pathToFileURL = (path) => new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}`);
export default { URL, URLSearchParams, fileURLToPath, pathToFileURL };
