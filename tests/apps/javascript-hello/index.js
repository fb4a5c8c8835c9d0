// Read at the top level, as most apps do: the release that runs has booted with its own config vars.
const GREETING = process.env.GREETING ?? "Hello";

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    console.log(`${request.method} ${pathname}`);
    if (pathname === "/env") return Response.json({ process: process.env.GREETING ?? null, argument: env.GREETING ?? null });
    if (pathname === "/random") return new Response(crypto.randomUUID());
    if (pathname === "/crash") throw new Error("crash as asked");
    if (pathname === "/loop") for (;;);
    return new Response(`${GREETING}, world!\n`);
  },
};
