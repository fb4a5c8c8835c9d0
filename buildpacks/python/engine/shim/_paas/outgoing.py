"""A request to another host, over the platform's way out: it knows the app's rules, speaks TLS and keeps the connections."""
import contextlib
import errno
import socket

from componentize_py_types import Err
from wit_world.imports import outgoing_handler, streams, types

from _paas import late

CHUNK = 1 << 16
# A connection's own matters, and what the platform says itself.
NOT_SENT = {"host", "connection", "keep-alive", "proxy-connection", "proxy-authorization", "transfer-encoding", "te", "upgrade", "expect", "http2-settings"}
DENIED = "{where} is not among the hosts that this app may call. Allow it: paas egress:allow {rule}"

# Kept until they are closed: a garbage collector would drop their handles in any order, and some contain others.
OPEN = set()


class Call:
    """One request; its body is written, its answer read, piece by piece."""

    def __init__(self, https, peer, method, target, headers, timeout):
        self.https, self.peer = https, peer
        late.needs_request(f"its top level calls {peer[0]}")
        self.held = contextlib.ExitStack()
        fields = types.Fields.from_list([(name, value) for name, value in headers if name.lower() not in NOT_SENT])
        request = types.OutgoingRequest(fields)
        request.set_method(types.Method_Other(method))
        request.set_scheme(types.Scheme_Https() if https else types.Scheme_Http())
        request.set_authority(self.authority)
        request.set_path_with_query(target)
        self.outgoing = request.body()
        self.writing = self.outgoing.write()
        try:
            self.future = outgoing_handler.handle(request, options(timeout))
        except Err as error:
            raise self.explained(error.value) from None
        self.held.enter_context(self.future)
        OPEN.add(self)
        self.reading = None

    @property
    def authority(self):
        host, port = self.peer
        host = f"[{host}]" if ":" in host else host
        return host if port == (443 if self.https else 80) else f"{host}:{port}"

    def write(self, data):
        at = 0
        try:
            while at < len(data):
                room = self.writing.check_write()
                if not room:
                    with self.writing.subscribe() as ready:
                        ready.block()
                    continue
                self.writing.write(data[at:at + room])
                at += room
        except Err:
            # The host has heard enough; its answer, or why there is none, says more.
            self.abandon()

    def end(self):
        """The body is complete."""
        if self.writing is not None:
            self.writing.__exit__(None, None, None)
            outgoing, self.writing, self.outgoing = self.outgoing, None, None
            with contextlib.suppress(Err):
                types.OutgoingBody.finish(outgoing, None)

    def abandon(self):
        if self.writing is not None:
            self.writing.__exit__(None, None, None)
            self.outgoing.__exit__(None, None, None)
            self.writing = self.outgoing = None

    def pollable(self):
        """What tells that there is something to read."""
        return (self.future if self.reading is None else self.reading).subscribe()

    def answer(self):
        """Status and headers, waited for."""
        with self.future.subscribe() as ready:
            ready.block()
        result = self.future.get().value
        if isinstance(result, Err):
            raise self.explained(result.value)
        response = self.held.enter_context(result.value)
        with response.headers() as headers:
            entries = headers.entries()
        body = self.held.enter_context(response.consume())
        self.reading = self.held.enter_context(body.stream())
        return response.status(), entries

    def read(self, most=CHUNK):
        """At least one byte, or none at the end."""
        while True:
            try:
                data = self.reading.blocking_read(most)
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    return b""
                self.close()
                raise ConnectionResetError(errno.ECONNRESET, f"{self.peer[0]} broke off its answer") from None
            if data:
                return data

    def close(self):
        OPEN.discard(self)
        self.abandon()
        self.held.close()

    def explained(self, code):
        """What Python would have raised."""
        import ssl  # the stand-in, which is built on sockets

        self.close()
        kind, where = type(code).__name__.removeprefix("ErrorCode_").lower(), self.authority
        if kind == "httprequestdenied":
            return PermissionError(errno.EACCES, DENIED.format(where=where, rule=where))
        if kind in ("destinationipprohibited", "destinationiPunroutable".lower()):
            return PermissionError(errno.EACCES, f"the address of {where} is not a public one")
        if kind in ("destinationnotfound", "dnserror", "dnstimeout"):
            return socket.gaierror(socket.EAI_NONAME, f"the name {self.peer[0]} cannot be resolved")
        if kind == "connectionrefused":
            return ConnectionRefusedError(errno.ECONNREFUSED, f"{where} refused the connection")
        if "timeout" in kind:
            return TimeoutError(f"{where} did not answer in time")
        if kind.startswith("tls"):
            return ssl.SSLCertVerificationError(f"no TLS with {where}: {detail(code)}")
        return ConnectionResetError(errno.ECONNRESET, f"{where}: {kind} {detail(code)}".rstrip())


def detail(code):
    value = getattr(code, "value", None)
    return str(getattr(value, "alert_message", None) or value or "")


def options(timeout):
    if timeout is None:
        return None
    chosen, nanoseconds = types.RequestOptions(), max(1, int(timeout * 1e9))
    for choose in (chosen.set_connect_timeout, chosen.set_first_byte_timeout, chosen.set_between_bytes_timeout):
        choose(nanoseconds)
    return chosen
