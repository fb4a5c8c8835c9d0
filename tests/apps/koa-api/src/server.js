import bodyParser from "@koa/bodyparser";
import Router from "@koa/router";
import Koa from "koa";

const GREETING = process.env.GREETING ?? "Hello";
const router = new Router();

router.get("/", (ctx) => {
  ctx.body = { greeting: GREETING };
});
router.get("/notes/:id", (ctx) => {
  ctx.assert(Number(ctx.params.id) < 3, 404, "No such note");
  ctx.body = { id: Number(ctx.params.id), sort: ctx.query.sort ?? null };
});
router.post("/form", (ctx) => {
  ctx.status = 201;
  ctx.body = ctx.request.body;
});
router.get("/old", (ctx) => ctx.redirect("/"));
router.get("/cookie", (ctx) => {
  ctx.body = { seen: ctx.cookies.get("seen") ?? null };
  ctx.cookies.set("seen", "1");
});
router.get("/error", () => {
  throw new Error("an error as asked");
});

const app = new Koa();
app.use(async (ctx, next) => {
  const start = Date.now();
  await next();
  console.log(`${ctx.method} ${ctx.path} ${ctx.status} ${Date.now() - start}ms`);
});
app.use(bodyParser()).use(router.routes()).use(router.allowedMethods());
app.listen(process.env.PORT ?? 3000);
