import os

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel

GREETING = os.environ.get("GREETING", "Hello")
BOOKS = ["Middlemarch", "Walden"]

app = FastAPI()


class Book(BaseModel):
    title: str


@app.get("/", response_class=PlainTextResponse)
async def index():
    return f"{GREETING} from FastAPI\n"


@app.get("/books")
def books():
    return [{"id": number, "title": title} for number, title in enumerate(BOOKS, 1)]


@app.get("/books/{number}")
def book(number: int, request: Request):
    print(request.method, request.url.path)
    if number > len(BOOKS):
        return JSONResponse({"error": "no such book"}, 404)
    return {"id": number, "title": BOOKS[number - 1]}


@app.post("/books", status_code=201)
def add(book: Book):
    return {"id": len(BOOKS) + 1, "title": book.title}


@app.post("/sign", response_class=PlainTextResponse)
def sign(name: str = Form()):
    return f"Thank you, {name}!\n"


@app.get("/old")
def old():
    return RedirectResponse("/books", 302)


@app.get("/visits", response_class=PlainTextResponse)
def visits(request: Request, response: Response):
    count = int(request.cookies.get("visits", 0)) + 1
    response.set_cookie("visits", str(count))
    return f"{count}\n"


@app.get("/fail")
async def fail():
    raise RuntimeError("failed as asked")
