// For workerd, and as a component for `wasmtime serve`.
addEventListener("fetch", (event) => event.respondWith(new Response("Hello, world!\n")));
