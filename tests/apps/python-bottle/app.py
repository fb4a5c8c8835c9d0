import os

from bottle import Bottle, run, template

app = Bottle()
GREETING = os.environ.get("GREETING", "Hello")


@app.get("/")
def index():
    return template("{{greeting}} from Bottle\n", greeting=GREETING)


if __name__ == "__main__":
    run(app, host="0.0.0.0", port=int(os.environ.get("PORT", 8080)))
