// Loaded into every process of the Heroku CLI: ends it when it calls anything but this machine.
import net from "node:net"

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args
  const host = options?.host ?? (typeof args[1] === "string" ? args[1] : "localhost")
  if (!options?.path && !["localhost", "127.0.0.1", "::1"].includes(host)) {
    console.error(`The CLI called ${host}`)
    process.exit(97)
  }
  return connect.apply(this, args)
}
