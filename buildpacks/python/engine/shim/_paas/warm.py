"""Runs the way of a request before the engine's memory is kept: CPython then has specialised its code, and writes less of its memory in each request."""
from _paas import exchange, wsgi

HEAD = ["GET", "/", "", "host", "app.localhost:80", "user-agent", "curl", "accept", "*/*", "x-forwarded-for", "192.0.2.1", "x-forwarded-proto", "http"]
# CPython specialises a function after some ten of its calls.
TIMES = 64


class Host:
    """In place of the platform, which is not there yet."""

    def head(self):
        return "\n".join(HEAD)

    def answer(self, status, head, body):
        pass

    begin = answer

    def write(self, piece):
        pass

    def end(self):
        pass


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def pieces(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"ok"


def up():
    real, exchange.host = exchange.host, Host()
    try:
        for app in (hello, pieces):
            answer = wsgi.adapter(app)
            for _ in range(TIMES):
                answer(exchange.Exchange())
    finally:
        exchange.host = real
