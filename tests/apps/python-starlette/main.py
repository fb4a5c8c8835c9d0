import os
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

GREETING = os.environ.get("GREETING", "Hello")
BOOKS = ["Middlemarch", "Walden"]


@asynccontextmanager
async def lifespan(app):
    app.state.titles = list(BOOKS)
    yield


async def index(request):
    return PlainTextResponse(f"{GREETING} from Starlette\n")


# Not async: Starlette runs it beside the loop.
def books(request):
    return JSONResponse([{"id": number, "title": title} for number, title in enumerate(request.app.state.titles, 1)])


async def book(request):
    print(request.method, request.url.path)
    number = request.path_params["number"]
    if number > len(BOOKS):
        return JSONResponse({"error": "no such book"}, 404)
    return JSONResponse({"id": number, "title": BOOKS[number - 1]})


async def add(request):
    return JSONResponse({"id": len(BOOKS) + 1, "title": (await request.json())["title"]}, 201)


async def sign(request):
    async with request.form() as form:
        return PlainTextResponse(f"Thank you, {form['name']}!\n", background=BackgroundTask(print, "thanked"))


async def old(request):
    return RedirectResponse("/books", 302)


async def visits(request):
    count = int(request.cookies.get("visits", 0)) + 1
    response = PlainTextResponse(f"{count}\n")
    response.set_cookie("visits", str(count))
    return response


async def stream(request):
    async def lines():
        for number in range(3):
            yield f"line {number}\n"

    return StreamingResponse(lines(), media_type="text/plain")


async def fail(request):
    raise RuntimeError("failed as asked")


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/", index),
        Route("/books", books),
        Route("/books", add, methods=["POST"]),
        Route("/books/{number:int}", book),
        Route("/sign", sign, methods=["POST"]),
        Route("/old", old),
        Route("/visits", visits),
        Route("/stream", stream),
        Route("/fail", fail),
        Mount("/static", StaticFiles(directory="static")),
    ],
)
