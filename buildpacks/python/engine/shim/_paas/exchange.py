"""A request and its answer, as the host has them for Python (`paas:app/exchange`)."""
import io

from componentize_py_types import Err
from wit_world.imports import exchange as host

CHUNK = 1 << 16


class Body(io.RawIOBase):
    """The request's body, read as it comes."""

    def readable(self):
        return True

    def readinto(self, buffer):
        data = read_some(len(buffer))
        buffer[:len(data)] = data
        return len(data)


def read_some(most=CHUNK):
    """At least one byte, or none at the end."""
    try:
        return host.read(most)
    except Err:
        raise ConnectionResetError("the visitor broke off in the middle of the request") from None


def lines(headers):
    """Pairs of str as the host takes them."""
    text = "\n".join([word for pair in headers for word in pair])
    if headers and text.count("\n") != 2 * len(headers) - 1:
        raise ValueError("a header of the answer has a line break in it")
    return text


class Exchange:
    """One request, to be answered once."""

    def __init__(self):
        self.method, target, body, *headers = host.head().split("\n")
        self.path, _, self.query = target.partition("?")
        # In lower case, in order; values are Latin-1.
        self.names, self.values = headers[::2], headers[1::2]
        self.has_body = bool(body)
        self.started = False

    def header(self, wanted, default=""):
        try:
            return self.values[self.names.index(wanted)]
        except ValueError:
            return default

    @property
    def scheme(self):
        return "https" if self.header("x-forwarded-proto").split(",")[-1].strip() == "https" else "http"

    @property
    def client(self):
        """The visitor's address, as the router saw it."""
        return self.header("x-forwarded-for").split(",")[-1].strip() or "127.0.0.1"

    @property
    def server(self):
        """Host name and port that the visitor asked for."""
        asked = self.header("host", "localhost")
        host, _, port = asked.rpartition(":")
        if not host or not port.isdigit():
            host, port = asked, "443" if self.scheme == "https" else "80"
        return host, port

    def answer(self, status, headers, body):
        """Sends all of it; `headers` are pairs of str."""
        try:
            host.answer(status, lines(headers), body)
        except Err as error:
            raise ValueError(error.value) from None
        self.started = True

    def start(self, status, headers):
        """Sends the head: `headers` are pairs of str."""
        try:
            host.begin(status, lines(headers))
        except Err as error:
            raise ValueError(error.value) from None
        self.started = True

    def write(self, data):
        """Sends a piece of the body, as fast as the visitor reads."""
        if self.method == "HEAD" or not data:
            return
        try:
            host.write(bytes(data))
        except Err:
            raise BrokenPipeError("the visitor has left") from None

    def finish(self):
        host.end()

    def fail(self):
        """The app has raised: 500, or an answer that visibly breaks off; or nothing more, if the answer was complete."""
        if not self.started:
            page = b"<!doctype html><title>500 Internal Server Error</title><h1>Internal Server Error</h1>\n"
            self.answer(500, [("content-type", "text/html; charset=utf-8")], page)
