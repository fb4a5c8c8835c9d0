import os

GREETING = os.environ.get("GREETING", "hello")


def app(environ, start_response):
    print(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [GREETING.encode()]
