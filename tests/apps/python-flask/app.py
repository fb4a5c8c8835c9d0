import logging
import os

from flask import Flask, jsonify, make_response, redirect, render_template, request

logging.basicConfig(level=logging.INFO, format="%(message)s")

# Read once, when the app starts.
GREETING = os.environ.get("GREETING", "Hello")
BOOKS = ["Middlemarch", "Walden"]

app = Flask(__name__)


@app.before_request
def note():
    app.logger.info("%s %s", request.method, request.path)


@app.get("/")
def index():
    return f"{GREETING} from Flask\n", {"Content-Type": "text/plain"}


@app.get("/books")
def books():
    return jsonify([{"id": number, "title": title} for number, title in enumerate(BOOKS, 1)])


@app.get("/books/<int:number>")
def book(number):
    if number > len(BOOKS):
        return jsonify(error="no such book"), 404
    return jsonify(id=number, title=BOOKS[number - 1])


@app.post("/books")
def add():
    return jsonify(id=len(BOOKS) + 1, title=request.get_json()["title"]), 201


@app.post("/sign")
def sign():
    return render_template("thanks.txt", name=request.form["name"]) + "\n"


@app.get("/old")
def old():
    return redirect("/books")


@app.get("/visits")
def visits():
    count = int(request.cookies.get("visits", 0)) + 1
    response = make_response(f"{count}\n")
    response.set_cookie("visits", str(count))
    return response


@app.post("/upload")
def upload():
    file = request.files["file"]
    return jsonify(name=file.filename, bytes=len(file.read()))


@app.get("/stream")
def stream():
    return app.response_class((f"line {number}\n" for number in range(3)), mimetype="text/plain")


@app.get("/fail")
def fail():
    raise RuntimeError("failed as asked")
