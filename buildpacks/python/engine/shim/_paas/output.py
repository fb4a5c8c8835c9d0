"""Standard output and error of the app: lines of its log.

They do not go through the C library, which keeps the handles it has opened: in a snapshot of memory handles are stale.
"""
import io
import sys

from wit_world.imports import stderr, stdout

opened = {}


class Raw(io.RawIOBase):
    """One of WASI's output streams, opened at the first byte of an instance."""

    def __init__(self, number, open):
        self.number, self.open = number, open

    def writable(self):
        return True

    def fileno(self):
        return self.number

    def write(self, data):
        stream = opened.get(self.number)
        if stream is None:
            stream = opened[self.number] = self.open()
        data = bytes(data)
        at = 0
        while at < len(data):
            room = stream.check_write()
            if not room:
                stream.blocking_flush()
                continue
            stream.write(data[at:at + room])
            at += room
        return len(data)


def text(number, open):
    return io.TextIOWrapper(io.BufferedWriter(Raw(number, open)), "utf-8", "backslashreplace", line_buffering=True)


def install():
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO(), "utf-8")
    sys.stdout = sys.__stdout__ = text(1, stdout.get_stdout)
    sys.stderr = sys.__stderr__ = text(2, stderr.get_stderr)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError):
            pass  # the app has put something else there, or closed it


def release():
    """Closes the handles; the next line opens them again."""
    flush()
    while opened:
        opened.popitem()[1].__exit__(None, None, None)
