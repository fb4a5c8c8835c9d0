// Servers that listen, as Node apps make them: there is no port, the platform hands each request to the app's server.
const waiting = [];
/** Functions that answer a Request with a Response, the first to listen first. */
export const servers = [];

/** Takes a server's `answer(request)`; called by `listen()`. */
export function listening(answer) {
  servers.push(answer);
  for (const callback of waiting.splice(0)) callback();
}

export function closed(answer) {
  const at = servers.indexOf(answer);
  if (at >= 0) servers.splice(at, 1);
}

/** Settles when some server listens. */
export const anyListening = () => new Promise((resolve) => (servers.length ? resolve() : waiting.push(resolve)));
