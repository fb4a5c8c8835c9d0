"""A request and its answer, in terms of wasi:http."""
import io

from componentize_py_types import Err, Ok
from wit_world.imports import streams, types

CHUNK = 1 << 16
# A connection's own matters: the router's, not the app's.
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "trailer", "http2-settings"}
# The cases of wasi:http's `method`, but the one that holds its own name.
METHODS = {kind: name[7:].upper() for name, kind in vars(types).items() if name.startswith("Method_") and name != "Method_Other"}


class Body(io.RawIOBase):
    """The request's body, read as it comes."""

    def __init__(self, request):
        self.request, self.stream, self.body = request, None, None

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.read_some(len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def read_some(self, most=CHUNK):
        """At least one byte, or none at the end."""
        if self.stream is None:
            self.body = self.request.consume()
            self.stream = self.body.stream()
        while True:
            try:
                data = self.stream.blocking_read(most)
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    return b""
                raise ConnectionResetError("the visitor broke off in the middle of the request") from None
            if data:
                return data


class Exchange:
    """One request, to be answered once."""

    def __init__(self, request, response_out):
        method = request.method()
        self.method = METHODS.get(type(method)) or method.value
        self.path, _, self.query = (request.path_with_query() or "/").partition("?")
        with request.headers() as headers:
            self.headers = headers.entries()  # names are lower-case already
        self.first = dict(reversed(self.headers))
        if "host" not in self.first:
            self.first["host"] = (request.authority() or "").encode()
            self.headers.append(("host", self.first["host"]))
        self.body = Body(request)
        self.out, self.outgoing, self.stream, self.finished = response_out, None, None, False

    def header(self, wanted, default=""):
        value = self.first.get(wanted)
        return default if value is None else value.decode("latin-1")

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
        host, _, port = self.header("host", "localhost").rpartition(":")
        if not host or not port.isdigit():
            host, port = self.header("host", "localhost"), "443" if self.scheme == "https" else "80"
        return host, port

    def start(self, status, headers):
        """Sends the head: `headers` are pairs of str and bytes."""
        kept = [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP]
        response = types.OutgoingResponse(types.Fields.from_list(kept))
        response.set_status_code(status)
        self.outgoing = response.body()
        types.ResponseOutparam.set(self.out, Ok(response))
        self.stream = self.outgoing.write()

    @property
    def started(self):
        return self.outgoing is not None

    def write(self, data):
        """Sends a piece of the body, as fast as the visitor reads."""
        if self.method == "HEAD":
            return
        data, at = bytes(data), 0
        try:
            while at < len(data):
                room = self.stream.check_write()
                if not room:
                    with self.stream.subscribe() as ready:
                        ready.block()
                    continue
                self.stream.write(data[at:at + room])
                at += room
        except Err:
            raise BrokenPipeError("the visitor has left") from None

    def finish(self):
        self.finished = True
        self.stream.__exit__(None, None, None)
        types.OutgoingBody.finish(self.outgoing, None)

    def fail(self):
        """The app has raised: 500, or an answer that visibly breaks off; or nothing more, if the answer was complete."""
        if self.finished:
            return
        if not self.started:
            page = b"<!doctype html><title>500 Internal Server Error</title><h1>Internal Server Error</h1>\n"
            self.start(500, [("content-type", b"text/html; charset=utf-8"), ("content-length", str(len(page)).encode())])
            self.write(page)
            self.finish()
        else:
            self.stream.__exit__(None, None, None)
            self.outgoing.__exit__(None, None, None)
