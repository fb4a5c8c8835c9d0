import { AutoRouter, html } from "itty-router";
import { marked } from "marked";
import { PAGES } from "./pages.js";

const GREETING = process.env.GREETING ?? "Hello";
const router = AutoRouter({
  catch: (error) => {
    console.error(error);
    return new Response("Something went wrong", { status: 500 });
  },
});
const page = (name) => PAGES[name] && html(marked.parse(PAGES[name].replace("GREETING", GREETING)));

router
  .get("/", () => page("index"))
  .get("/pages/:name", ({ params }) => page(params.name))
  .post("/preview", async (request) => html(marked.parse(await request.text())))
  .post("/form", async (request) => Object.fromEntries(await request.formData()))
  .get("/old", () => new Response(null, { status: 302, headers: { location: "/" } }))
  .get("/cookie", ({ headers }) => {
    const seen = /(?:^|; )seen=(\w+)/.exec(headers.get("cookie") ?? "")?.[1] ?? null;
    return new Response(JSON.stringify({ seen }), { headers: { "set-cookie": "seen=1" } });
  })
  .get("/error", () => {
    throw new Error("an error as asked");
  });

export default router;
