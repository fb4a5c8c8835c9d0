"""ASGI 3: the app is a coroutine, run to its end for each request by a loop of its own."""
import asyncio
import importlib
import inspect
import sys
from urllib.parse import unquote

from _paas.exchange import read_some
from _paas.failure import log
from _paas.loop import Loop, install

install()


class StartupFailed(Exception):
    """The app's lifespan said so."""


def is_asgi(app):
    """As uvicorn tells them apart: a coroutine function, or an object whose call is one."""
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))


def scope(exchange, state):
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": exchange.method,
        "scheme": exchange.scheme,
        "path": unquote(exchange.path),
        "raw_path": exchange.path.encode("ascii", "replace"),
        "query_string": exchange.query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in zip(exchange.names, exchange.values)],
        "client": (exchange.client, 0),
        "server": (exchange.server[0], int(exchange.server[1])),
        "state": dict(state),
        "extensions": {},
    }


def adapter(app):
    if "anyio" in sys.modules:
        # Imported by the first request otherwise, which here is each request.
        importlib.import_module("anyio._backends._asyncio")
    loop, state = Loop(), {}
    asyncio.set_event_loop(loop)
    loop.run_until_complete(start(app, loop, state))

    def answer(exchange):
        try:
            loop.run_until_complete(call(app, exchange, state))
        except BrokenPipeError:
            pass
        except BaseException as error:
            log(error)
            exchange.fail()

    return answer


async def call(app, exchange, state):
    head, over = {}, asyncio.Event()
    more = True

    async def receive():
        nonlocal more
        if more:
            data = read_some() if exchange.has_body else b""
            more = bool(data)
            return {"type": "http.request", "body": data, "more_body": more}
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            head.update(message)
        elif message["type"] == "http.response.body":
            data, last = message.get("body", b""), not message.get("more_body", False)
            headers = [] if exchange.started else [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.get("headers", [])]
            if last and not exchange.started:
                exchange.answer(head["status"], headers, bytes(data))
            else:
                if not exchange.started:
                    exchange.start(head["status"], headers)
                exchange.write(data)
                if last:
                    exchange.finish()
            if last:
                over.set()
            # Others may run between two pieces of an answer.
            await asyncio.sleep(0)

    await app(scope(exchange, state), receive, send)
    if not over.is_set():
        raise RuntimeError("The ASGI app returned without completing its answer.")


async def start(app, loop, state):
    """The lifespan's startup, at boot. Instances end without a shutdown; an app that knows no lifespan raises, which is its right."""
    started = loop.create_future()
    asked = False

    async def receive():
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "lifespan.startup"}
        return await loop.create_future()

    async def send(message):
        if message["type"] == "lifespan.startup.complete" and not started.done():
            started.set_result(None)
        elif message["type"] == "lifespan.startup.failed":
            started.set_exception(StartupFailed(message.get("message") or "The app's lifespan reported that it cannot start."))

    async def run():
        try:
            await app({"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}, receive, send)
        except StartupFailed:
            raise
        except BaseException:
            pass
        if not started.done():
            started.set_result(None)

    start.task = loop.create_task(run())
    await started
