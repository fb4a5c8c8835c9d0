"""asyncio without sockets or threads: a loop that runs what is ready, and waits for timers and for the answers of other hosts."""
import asyncio
import asyncio.base_events
import asyncio.events
import socket

from wit_world.imports import monotonic_clock, poll

from _paas import late


class Selector:
    """What comes from outside: time, and what was watched."""

    def __init__(self):
        self.watched = []

    def watch(self, pollable, callback):
        self.watched.append((pollable, callback))

    def select(self, timeout):
        """The callbacks whose time has come."""
        if timeout is None and not self.watched:
            raise RuntimeError("The app waits for something that will never come: it has no sockets and no threads here.")
        if not self.watched and timeout <= 0:
            return []
        pollables = [pollable for pollable, _ in self.watched]
        clock = None if timeout is None else monotonic_clock.subscribe_duration(max(0, int(timeout * 1e9)))
        ready = set(poll.poll(pollables if clock is None else [*pollables, clock]))
        if clock is not None:
            clock.__exit__(None, None, None)
        called = [entry for at, entry in enumerate(self.watched) if at in ready]
        self.watched = [entry for at, entry in enumerate(self.watched) if at not in ready]
        for pollable, _ in called:
            pollable.__exit__(None, None, None)
        return [callback for _, callback in called]

    def close(self):
        pass


class Transport(asyncio.Transport):
    """A connection to another host, which speaks HTTP (see `sockets`)."""

    def __init__(self, loop, sock, protocol):
        super().__init__({"socket": sock, "peername": sock.peer, "sockname": sock.getsockname()})
        self.loop, self.sock, self.protocol = loop, sock, protocol
        self.closing = self.paused = self.waiting = False

    def write(self, data):
        if self.closing:
            return
        try:
            self.sock.sendall(data)
        except Exception as error:
            self.lose(error)
            return
        self.read_later()

    def writelines(self, pieces):
        self.write(b"".join(pieces))

    def read_later(self):
        if not self.waiting and not self.paused and not self.closing and self.sock.call is not None:
            self.waiting = True
            self.loop.call_soon(self.read)

    def read(self):
        self.waiting = False
        if self.closing or self.paused or self.sock.call is None:
            return
        try:
            pollable = self.sock.waits_for()
            if pollable is not None:
                self.waiting = True
                self.loop._selector.watch(pollable, self.read)
                return
            data = self.sock.recv()
        except Exception as error:
            self.lose(error)
            return
        if data:
            self.protocol.data_received(data)
            self.read_later()
        elif not self.protocol.eof_received():
            self.lose(None)

    def lose(self, error):
        if not self.closing:
            self.closing = True
            self.loop.call_soon(self.protocol.connection_lost, error)
            self.loop.call_soon(self.sock.close)

    def close(self):
        self.lose(None)

    abort = close

    def is_closing(self):
        return self.closing

    def is_reading(self):
        return not self.paused

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False
        self.read_later()

    def set_protocol(self, protocol):
        self.protocol = protocol

    def get_protocol(self):
        return self.protocol

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return 0

    def can_write_eof(self):
        return False


class Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self, *_):
        super().__init__()
        self._selector = Selector()

    def _process_events(self, callbacks):
        for callback in callbacks:
            self.call_soon(callback)

    def _write_to_self(self):
        pass

    def call_soon_threadsafe(self, callback, *args, context=None):
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor, function, *args):
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    async def shutdown_default_executor(self, timeout=None):
        pass

    async def sock_connect(self, sock, address):
        sock.connect(address)

    async def create_connection(self, protocol_factory, host=None, port=None, *, ssl=None, sock=None, **_):
        if sock is None:
            late.needs_request(f"its top level connects to {host}")
            sock = socket.socket()
            sock.connect((host, port))
        sock.secure = sock.secure or bool(ssl)
        protocol = protocol_factory()
        transport = Transport(self, sock, protocol)
        protocol.connection_made(transport)
        return transport, protocol

    async def start_tls(self, transport, protocol, sslcontext, **_):
        transport.sock.secure = True
        transport.set_protocol(protocol)
        return transport

    def add_signal_handler(self, *_):
        pass

    def remove_signal_handler(self, *_):
        return False


def install():
    """Whoever asks asyncio for a loop gets ours."""
    asyncio.SelectorEventLoop = asyncio.EventLoop = Loop
    asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
