import { zValidator } from "@hono/zod-validator";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { etag } from "hono/etag";
import { logger } from "hono/logger";
import { z } from "zod";

const GREETING = process.env.GREETING ?? "Hello";
const Note = z.object({ title: z.string().min(1) });

const app = new Hono();
app.use(logger());
app.use("/notes/*", etag({ weak: true }));
app.use("/", etag());

app.get("/", (c) => c.text(`${GREETING} from pnpm`));
app.get("/notes/:id", (c) => c.json({ id: Number(c.req.param("id")) }));
app.post("/notes", zValidator("json", Note), (c) => c.json(c.req.valid("json"), 201));
app.post("/form", async (c) => c.json(await c.req.parseBody()));
app.get("/old", (c) => c.redirect("/"));
app.get("/cookie", (c) => {
  setCookie(c, "seen", "1");
  return c.json({ seen: getCookie(c, "seen") ?? null });
});
app.get("/error", () => {
  throw new Error("an error as asked");
});

export default app;
