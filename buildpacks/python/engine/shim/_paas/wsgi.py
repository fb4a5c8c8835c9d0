"""WSGI (PEP 3333): one call, one answer."""
import io
import sys
from urllib.parse import unquote_to_bytes

from _paas.exchange import Body
from _paas.failure import log

# Names that are remembered.
REMEMBERED = 256


class Names(dict):
    """What headers are called in an environment."""

    def __missing__(self, header):
        name = "HTTP_" + header.upper().replace("-", "_")
        if len(self) < REMEMBERED:
            self[header] = name
        return name


NAMES = Names({"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"})


class FileWrapper:
    """`wsgi.file_wrapper`: a file as an iterable of its blocks."""

    def __init__(self, file, block=1 << 16):
        self.file, self.block = file, block
        if hasattr(file, "close"):
            self.close = file.close

    def __iter__(self):
        return iter(lambda: self.file.read(self.block), b"")


# The same for every request.
FIXED = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_SOFTWARE": "paas",
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.multithread": False,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": FileWrapper,
}


def environ(exchange):
    env = FIXED.copy()
    names = list(map(NAMES.__getitem__, exchange.names))
    env.update(zip(names, exchange.values))
    if len(env) < len(FIXED) + len(names):
        env.update(joined(names, exchange.values))
    env["REQUEST_METHOD"] = exchange.method
    path, query = exchange.path, exchange.query
    env["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
    env["RAW_URI"] = f"{path}?{query}" if query else path
    env["QUERY_STRING"] = query
    env["SERVER_NAME"], env["SERVER_PORT"] = exchange.server
    env["REMOTE_ADDR"] = exchange.client
    env["wsgi.url_scheme"] = exchange.scheme
    env["wsgi.input"] = io.BufferedReader(Body(), 1 << 13) if exchange.has_body else io.BytesIO()
    env["wsgi.errors"] = sys.stderr
    return env


def joined(names, values):
    """Headers of which some came more than once."""
    env = {}
    for name, value in zip(names, values):
        env[name] = env[name] + ("; " if name == "HTTP_COOKIE" else ",") + value if name in env else value
    return env


def adapter(app):
    """Answers an exchange with a WSGI callable."""

    def answer(exchange):
        head = []

        def start_response(status, headers, exc_info=None):
            if exc_info and exchange.started:
                raise exc_info[1].with_traceback(exc_info[2])
            head[:] = [int(status[:3]), headers]
            return write

        def write(data):
            if not exchange.started:
                exchange.start(*head)
            exchange.write(data)

        result = None
        try:
            result = app(environ(exchange), start_response)
            if isinstance(result, (list, tuple)) and len(result) < 2 and not exchange.started:
                exchange.answer(*head, bytes(result[0]) if result else b"")
            else:
                for data in result:
                    if data:
                        write(data)
                if exchange.started:
                    exchange.finish()
                else:
                    exchange.answer(*head, b"")
        except BrokenPipeError:
            pass
        except BaseException as error:
            log(error)
            exchange.fail()
        close(result)

    return answer


def close(result):
    try:
        if hasattr(result, "close"):
            result.close()
    except Exception as error:
        log(error)
