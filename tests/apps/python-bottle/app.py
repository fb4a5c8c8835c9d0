import os

from bottle import Bottle, HTTPResponse, redirect, request, response, run, template

app = Bottle()
GREETING = os.environ.get("GREETING", "Hello")
BOOKS = ["Middlemarch", "Walden"]


@app.get("/")
def index():
    return template("{{greeting}} from Bottle\n", greeting=GREETING)


@app.get("/books")
def books():
    response.content_type = "application/json"
    return "[" + ", ".join(template('{"id": {{number}}, "title": "{{title}}"}', number=number, title=title) for number, title in enumerate(BOOKS, 1)) + "]"


@app.get("/books/<number:int>")
def book(number):
    print(request.method, request.path)
    if number > len(BOOKS):
        return HTTPResponse({"error": "no such book"}, 404)
    return {"id": number, "title": BOOKS[number - 1]}


@app.post("/books")
def add():
    response.status = 201
    return {"id": len(BOOKS) + 1, "title": request.json["title"]}


@app.post("/sign")
def sign():
    return f"Thank you, {request.forms.name}!\n"


@app.get("/old")
def old():
    redirect("/books", 302)


@app.get("/visits")
def visits():
    count = int(request.get_cookie("visits") or 0) + 1
    response.set_cookie("visits", str(count))
    return f"{count}\n"


@app.get("/fail")
def fail():
    raise RuntimeError("failed as asked")


if __name__ == "__main__":
    run(app, host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))
