import { AutoRouter, error, type IRequest } from "itty-router";
import { type Note, NOTES } from "./notes";

const TITLE: string = process.env.TITLE ?? "Notes";
const router = AutoRouter();

router
  .get("/", () => ({ title: TITLE, notes: NOTES.length }))
  .get("/notes/:id", ({ params }: IRequest) => find(Number(params.id)) ?? error(404, "No such note."))
  .post("/echo", async (request: Request) => new Response(await request.text(), { headers: { "x-echo": "yes" } }))
  .get("/old", () => Response.redirect("https://example.org/new", 302))
  .get("/cookie", () => new Response("set", { headers: { "set-cookie": "seen=1; Path=/; HttpOnly" } }));

function find(id: number): Note | undefined {
  return NOTES.find((note) => note.id === id);
}

addEventListener("fetch", (event: any) => event.respondWith(router.fetch(event.request)));
