import { AutoRouter, StatusError, error, text, type IRequest } from "itty-router";
import { z } from "zod";
import { sign, verify } from "./tokens";

const GREETING: string = process.env.GREETING ?? "Hello";
const Login = z.object({ name: z.string().min(2), email: z.email(), admin: z.boolean().default(false) });

const router = AutoRouter({
  catch: (thrown: StatusError) => {
    console.error(thrown);
    return error(thrown);
  },
});

router
  .get("/", () => ({ title: `${GREETING} from jose and zod` }))
  .post("/tokens", async (request: IRequest) => {
    const login = Login.safeParse(await request.json());
    if (!login.success) return error(400, { errors: z.flattenError(login.error).fieldErrors });
    return text(await sign(login.data));
  })
  .get("/me", async ({ headers }: IRequest) => verify(headers.get("authorization")?.replace(/^Bearer /, "") ?? ""))
  .get("/round-trip", async () => verify(await sign({ name: "Ada", email: "ada@example.org", admin: true })))
  .post("/form", async (request: IRequest) => Object.fromEntries(await request.formData()))
  .get("/old", () => new Response(null, { status: 302, headers: { location: "/" } }))
  .get("/cookie", ({ headers }: IRequest) => {
    const seen = /(?:^|; )seen=(\w+)/.exec(headers.get("cookie") ?? "")?.[1] ?? null;
    return new Response(JSON.stringify({ seen }), { headers: { "set-cookie": "seen=1; HttpOnly" } });
  })
  .get("/error", () => verify("no token at all", "as asked"));

export default router;
