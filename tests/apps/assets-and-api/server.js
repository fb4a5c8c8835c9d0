const greeting = process.env.GREETING ?? "Hello";

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    console.log(request.method, pathname);
    if (pathname === "/api/notes") return Response.json([greeting]);
    if (request.method === "POST") return new Response(`the app took ${await request.text()} at ${pathname}\n`, { status: 201 });
    return new Response(`the app has no ${pathname}\n`, { status: 404 });
  },
};
