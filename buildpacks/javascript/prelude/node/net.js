// node:net without connections: addresses can be told apart, sockets cannot be opened.
import { EventEmitter } from "node:events";
export { Socket, Socket as Stream } from "./http/socket.js";

const PART = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const V4 = new RegExp(`^${PART}(?:\\.${PART}){3}$`);

export const isIPv4 = (text) => V4.test(text);
export function isIPv6(text) {
  const address = String(text).replace(/%[\w.-]+$/, "");
  return address.includes(":") && !/[^\da-f:.]/i.test(address) && URL.canParse(`http://[${address}]/`);
}
export const isIP = (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);

const refuse = (what) => {
  throw Object.assign(new Error(`${what}: there are no raw sockets in an app on this platform; use fetch, or a database's HTTP interface`), { code: "ENOTSUP" });
};
export const connect = () => refuse("net.connect");
export const createConnection = connect;
export class Server extends EventEmitter {
  listen() {
    refuse("net.Server.listen");
  }
}
export const createServer = () => new Server();
export const getDefaultAutoSelectFamily = () => true;
export const setDefaultAutoSelectFamily = () => {};
