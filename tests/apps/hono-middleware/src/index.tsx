import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { logger } from "hono/logger";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";

const GREETING = process.env.GREETING ?? "Hello";
const KEY = new TextEncoder().encode(process.env.TOKEN_KEY ?? "only for samples and tests, 32 bytes");
const Note = z.object({ title: z.string().min(1), stars: z.coerce.number().int().default(0) });

const app = new Hono();
app.use(logger(), requestId(), secureHeaders(), cors(), etag());

app.get("/", (c) => c.html(<h1>{GREETING} from Hono</h1>));
app.get("/notes/:id", (c) => c.json({ id: Number(c.req.param("id")), sort: c.req.query("sort") ?? null }));
app.post("/notes", async (c) => {
  const parsed = Note.safeParse(await c.req.json());
  return parsed.success ? c.json(parsed.data, 201) : c.json({ errors: parsed.error.issues.map((issue) => issue.path.join(".")) }, 400);
});
app.post("/form", async (c) => c.json(await c.req.parseBody()));
app.get("/old", (c) => c.redirect("/"));
app.get("/cookie", (c) => {
  setCookie(c, "seen", "1", { httpOnly: true });
  return c.json({ seen: getCookie(c, "seen") ?? null });
});
app.get("/token", async (c) => c.text(await new SignJWT({ name: "sample" }).setProtectedHeader({ alg: "HS256" }).sign(KEY)));
app.post("/token", async (c) => c.json((await jwtVerify(await c.req.text(), KEY)).payload));
app.get("/teapot", () => {
  throw new HTTPException(418, { message: "short and stout" });
});
app.get("/error", () => {
  throw new Error("an error as asked");
});

export default app;
