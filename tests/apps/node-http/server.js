// Node and nothing else: no dependencies, no package.json.
const http = require("node:http");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const GREETING = process.env.GREETING ?? "Hello";
const page = readFileSync(join(__dirname, "page.html"), "utf8");

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, `http://${request.headers.host}`);
  console.log(`${request.method} ${pathname}`);
  switch (`${request.method.replace("HEAD", "GET")} ${pathname}`) {
    case "GET /":
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      return response.end(page.replace("GREETING", GREETING));
    case "GET /api/greeting":
      return json(response, { greeting: GREETING, name: searchParams.get("name") });
    case "POST /form":
      return form(request, (fields) => json(response, { name: fields.get("name") }));
    case "GET /old":
      return response.writeHead(302, { Location: "/" }).end();
    case "GET /cookie":
      response.setHeader("Set-Cookie", ["seen=1; Path=/; HttpOnly", "theme=dark; Path=/"]);
      return json(response, { cookie: request.headers.cookie ?? null });
    case "GET /slow":
      response.write("first\n");
      return setTimeout(() => response.end("second\n"), 5);
    case "GET /error":
      throw new Error("an error as asked");
    default:
      response.statusCode = 404;
      return json(response, { error: "Not found" });
  }
}

function json(response, value) {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}

function form(request, callback) {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => (text += chunk));
  request.on("end", () => callback(new URLSearchParams(text)));
}

const server = http.createServer(answer);
server.listen(process.env.PORT || 3000, () => console.log(`Listening on ${server.address().port}`));
process.on("SIGTERM", () => server.close());
