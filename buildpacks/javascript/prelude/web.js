// Parts of the web platform that the engine does not have yet.

/** A property that is not there. */
function add(type, name, value) {
  if (!(name in type)) Object.defineProperty(type, name, { value, writable: true, configurable: true });
}

add(URL, "parse", (url, base) => {
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
});
add(URL, "canParse", (url, base) => URL.parse(url, base) !== null);

// The engine has this one, but it loses the reason of a signal that is aborted already.
delete AbortSignal.any;
add(AbortSignal, "any", (signals) => {
  const controller = new AbortController();
  for (const signal of signals) {
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  return controller.signal;
});

add(globalThis, "navigator", { userAgent: "paas", language: "en", languages: ["en"], hardwareConcurrency: 1, onLine: true });
add(globalThis, "reportError", (error) => console.error(error));

// Without Unicode's tables there is nothing to normalise by. Text that is made of ASCII is in every normal form.
add(String.prototype, "normalize", function normalize() {
  return String(this);
});
