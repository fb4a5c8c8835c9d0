// node:url: the web's URL, and the old functions by unenv.
import { domainToASCII, domainToUnicode, format, parse, resolve, resolveObject, urlToHttpOptions, Url } from "toolchain:unenv/node/url";
export { domainToASCII, domainToUnicode, format, parse, resolve, resolveObject, urlToHttpOptions, Url };
export const { URL, URLSearchParams } = globalThis;
export const fileURLToPath = (url) => decodeURIComponent(new URL(url).pathname);
export const pathToFileURL = (path) => new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}`);

// The first call warns of something that the app's developer cannot change.
const { warn } = console;
console.warn = () => {};
parse("/");
console.warn = warn;
