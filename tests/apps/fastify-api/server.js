import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import Fastify from "fastify";

const GREETING = process.env.GREETING ?? "Hello";
const fastify = Fastify({ logger: true });

await fastify.register(cookie);
await fastify.register(formbody);

const note = { type: "object", required: ["title"], properties: { title: { type: "string", minLength: 1 }, stars: { type: "integer", default: 0 } } };

fastify.get("/", async () => ({ greeting: GREETING }));
fastify.get("/notes/:id", async (request) => ({ id: Number(request.params.id), query: request.query }));
fastify.post("/notes", { schema: { body: note } }, async (request, reply) => {
  request.log.info({ title: request.body.title }, "a note");
  return reply.code(201).send(request.body);
});
fastify.post("/form", async (request) => request.body);
fastify.get("/old", async (request, reply) => reply.redirect("/"));
fastify.get("/cookie", async (request, reply) => reply.setCookie("seen", "1", { path: "/" }).send({ seen: request.cookies.seen ?? null }));
fastify.get("/error", async () => {
  throw new Error("an error as asked");
});

try {
  await fastify.listen({ port: process.env.PORT ?? 3000, host: "0.0.0.0" });
} catch (error) {
  fastify.log.error(error);
  process.exit(1);
}
