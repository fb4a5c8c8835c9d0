"""WSGI (PEP 3333): one call, one answer."""
import io
import sys
from urllib.parse import unquote_to_bytes

from _paas.failure import log

# What headers are called in an environment; those that were met are remembered.
NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
REMEMBERED = 256


class FileWrapper:
    """`wsgi.file_wrapper`: a file as an iterable of its blocks."""

    def __init__(self, file, block=1 << 16):
        self.file, self.block = file, block
        if hasattr(file, "close"):
            self.close = file.close

    def __iter__(self):
        return iter(lambda: self.file.read(self.block), b"")


def named(header):
    name = "HTTP_" + header.upper().replace("-", "_")
    if len(NAMES) < REMEMBERED:
        NAMES[header] = name
    return name


def environ(exchange):
    host, port = exchange.server
    env = {
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(exchange.path).decode("latin-1"),
        "RAW_URI": exchange.path + ("?" + exchange.query if exchange.query else ""),
        "QUERY_STRING": exchange.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "paas",
        "REMOTE_ADDR": exchange.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": exchange.scheme,
        "wsgi.input": io.BufferedReader(exchange.body, 1 << 13),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    for name, value in exchange.headers:
        key = NAMES.get(name) or named(name)
        value = value.decode("latin-1")
        env[key] = env[key] + ("; " if key == "HTTP_COOKIE" else ",") + value if key in env else value
    return env


def adapter(app):
    """Answers an exchange with a WSGI callable."""

    def answer(exchange):
        head = []

        def start_response(status, headers, exc_info=None):
            if exc_info and exchange.started:
                raise exc_info[1].with_traceback(exc_info[2])
            head[:] = [int(status[:3]), [(name, value.encode("latin-1")) for name, value in headers]]
            return write

        def write(data):
            if not exchange.started:
                exchange.start(*head)
            exchange.write(data)

        result = None
        try:
            result = app(environ(exchange), start_response)
            for data in result:
                if data:
                    if not exchange.started:
                        measure(head[1], result, data)
                    write(data)
            if not exchange.started:
                measure(head[1], [b""], b"")
                exchange.start(*head)
            exchange.finish()
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


def measure(headers, result, data):
    """Adds the length of an answer that is one piece, as gunicorn does."""
    if isinstance(result, (list, tuple)) and len(result) == 1 and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("content-length", str(len(data)).encode()))
