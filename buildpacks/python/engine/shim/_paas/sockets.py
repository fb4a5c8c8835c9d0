"""Stand-ins for `socket`: a connection that speaks HTTP becomes a request of the platform's, and no other leaves.

So `http.client`, `urllib.request`, requests, urllib3 and httpx work as they are.
"""
import errno
import io
import re
import socket

from _paas import outgoing

ONLY_HTTP = "an app may call other hosts by HTTP only, and what it says to {peer} is something else"
NO_SERVER = "an app has no ports here: requests come to its WSGI or ASGI callable"
REQUEST = re.compile(rb"([A-Z]{1,20}) (\S+) HTTP/1\.[01]\r?\n")
# What a TLS handshake over buffers (`ssl.MemoryBIO`) says in place of a handshake.
SECURE = b"\x16paas-tls\n"
HEAD_BYTES = 1 << 17


class Socket:
    def __init__(self, family=socket.AF_INET, type=socket.SOCK_STREAM, proto=0, fileno=None):
        self.family = socket.AF_INET if family == -1 else family
        self.type, self.proto = (socket.SOCK_STREAM if type == -1 else type), proto
        self.timeout, self.peer, self.secure = socket.getdefaulttimeout(), None, False
        self.closed, self.makefiles = False, 0
        self.reset()

    def reset(self):
        self.sent, self.call, self.left, self.chunks = b"", None, 0, None
        self.head, self.over = None, False

    def connect(self, address):
        if self.type & 15 != socket.SOCK_STREAM or not isinstance(address, tuple):
            raise PermissionError(errno.EACCES, "an app may call other hosts by HTTP only")
        host, port = address[0], int(address[1])
        self.peer = (host.decode() if isinstance(host, bytes) else host, port)

    def connect_ex(self, address):
        self.connect(address)
        return 0

    # Sending: the head is collected, then the body streams.

    def sendall(self, data, flags=0):
        data = bytes(memoryview(data))
        if data.startswith(SECURE) and self.call is None:
            self.secure, data = True, data[len(SECURE):]
        if self.peer is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")
        if self.over:
            self.reset()
        if self.call is None:
            data = self.begin(data)
        if data:
            self.body(data)

    def send(self, data, flags=0):
        self.sendall(data)
        return len(memoryview(data))

    def sendmsg(self, buffers, *_):
        return self.send(b"".join(bytes(memoryview(buffer)) for buffer in buffers))

    def begin(self, data):
        """Gives what follows the head."""
        self.sent += data
        if not re.match(rb"[A-Z]{1,20}( |$)|$", self.sent[:22]) or len(self.sent) > HEAD_BYTES:
            raise self.foreign()
        head, end, rest = self.sent.partition(b"\r\n\r\n")
        if not end:
            return b""
        first = REQUEST.match(head + b"\r\n")
        if not first or first[1] == b"CONNECT":
            raise self.foreign()
        lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        headers = [(name.decode("latin-1").strip(), value.strip()) for name, _, value in lines]
        known = {name.lower(): value for name, value in headers}
        self.left = int(known.get("content-length", 0))
        self.chunks = Chunks() if b"chunked" in known.get("transfer-encoding", b"").lower() else None
        target = first[2].decode("latin-1")
        self.call = outgoing.Call(self.secure, self.peer, first[1].decode(), target, headers, self.timeout)
        if not self.left and not self.chunks:
            self.call.end()
        return rest

    def body(self, data):
        if self.chunks:
            self.call.write(self.chunks.take(data))
            complete = self.chunks.complete
        else:
            self.call.write(data[:self.left])
            self.left -= len(data[:self.left])
            complete = not self.left
        if complete:
            self.call.end()

    def foreign(self):
        return PermissionError(errno.EACCES, ONLY_HTTP.format(peer=self.peer[0]))

    # Receiving: the answer in the words of HTTP/1.1, one for each connection.

    def recv(self, size=outgoing.CHUNK, flags=0):
        if self.call is None:
            if self.over:
                return b""
            raise self.foreign() if self.peer else OSError(errno.ENOTCONN, "the socket is not connected")
        if self.head is None:
            try:
                self.head = describe(*self.call.answer())
            except OSError:
                self.call, self.over = None, True
                raise
        if self.head:
            data, self.head = self.head[:size], self.head[size:]
            return data
        try:
            data = self.call.read(size)
        except OSError:
            self.call, self.over = None, True
            raise
        if not data:
            self.call.close()
            self.call, self.over = None, True
        return data

    def recv_into(self, buffer, size=0, flags=0):
        data = self.recv(size or len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def waits_for(self):
        """What to wait for before `recv` can give something; None if it can now."""
        if self.call is None or self.head:
            return None
        pollable = self.call.pollable()
        if pollable.ready():
            pollable.__exit__(None, None, None)
            return None
        return pollable

    def makefile(self, mode="r", buffering=None, *, encoding=None, errors=None, newline=None):
        raw = socket.SocketIO(self, "".join(letter for letter in mode if letter in "rw") or "r")
        self.makefiles += 1
        if buffering == 0:
            return raw
        size = io.DEFAULT_BUFFER_SIZE if buffering is None or buffering < 0 else buffering
        buffer = io.BufferedWriter(raw, size) if "r" not in mode and "w" in mode else io.BufferedReader(raw, size)
        return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding, errors, newline)

    def _decref_socketios(self):
        self.makefiles -= 1
        if self.closed:
            self.close()

    def close(self):
        self.closed = True
        if self.makefiles <= 0 and self.call is not None:
            self.call.close()
            self.call = None

    def __del__(self):
        if getattr(self, "call", None) is not None:
            self.call.close()

    # What clients ask of any socket.

    def settimeout(self, timeout):
        self.timeout = timeout

    def gettimeout(self):
        return self.timeout

    def setblocking(self, flag):
        self.timeout = None if flag else 0.0

    def getblocking(self):
        return self.timeout != 0.0

    def setsockopt(self, *_):
        pass

    def getsockopt(self, *_):
        return 0

    def getpeername(self):
        if self.peer is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")
        return self.peer

    def getsockname(self):
        return ("0.0.0.0", 0)

    def fileno(self):
        return -1

    def shutdown(self, how):
        pass

    def detach(self):
        self.close()
        return -1

    def bind(self, address):
        raise PermissionError(errno.EACCES, NO_SERVER)

    listen = accept = bind

    # As a socket of `ssl` has them.

    def getpeercert(self, binary_form=False):
        return b"" if binary_form else {}

    def version(self):
        return "TLSv1.3"

    def cipher(self):
        return None

    def selected_alpn_protocol(self):
        return "http/1.1"

    def do_handshake(self, block=False):
        pass

    def unwrap(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Chunks:
    """A chunked body on its way out, without its chunks."""

    def __init__(self):
        self.kept, self.left, self.complete = b"", 0, False

    def take(self, data):
        self.kept += data
        plain = []
        while not self.complete:
            if self.left > 2:
                piece = self.kept[:self.left - 2]
                plain.append(piece)
                self.kept, self.left = self.kept[len(piece):], self.left - len(piece)
                if self.left > 2:
                    break
            if self.left:
                if len(self.kept) < 2:
                    break
                self.kept, self.left = self.kept[2:], 0
            line, end, rest = self.kept.partition(b"\r\n")
            if not end:
                break
            size = int(line.split(b";")[0], 16)
            self.kept, self.left, self.complete = rest, size + 2, not size
        return b"".join(plain)


def describe(status, headers):
    """The head of an answer. The end of its body is the end of the connection."""
    lines = [f"HTTP/1.1 {status} {reason(status)}".encode()]
    lines += [name.encode() + b": " + value for name, value in headers if name.lower() not in ("connection", "keep-alive", "transfer-encoding")]
    return b"\r\n".join([*lines, b"connection: close", b"", b""])


def reason(status):
    from http.client import responses

    return responses.get(status, "")


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    """Names stay names: the platform resolves and checks them."""
    if host is None:
        host = "localhost"
    host = host.decode() if isinstance(host, bytes) else host
    port = {"http": 80, "https": 443, None: 0}.get(port, port)
    return [(socket.AF_INET, type or socket.SOCK_STREAM, socket.IPPROTO_TCP, host if flags & socket.AI_CANONNAME else "", (host, int(port)))]


def install():
    socket.socket, socket.getaddrinfo = Socket, getaddrinfo
    socket.has_ipv6 = False
