"""asyncio without sockets or threads: a loop that runs what is ready, and sleeps until the next timer."""
import asyncio
import asyncio.base_events
import asyncio.events
import time


class Selector:
    """Nothing comes from outside, so all there is to wait for is time."""

    def select(self, timeout):
        if timeout is None:
            raise RuntimeError("The app waits for something that will never come: it has no sockets and no threads here.")
        if timeout > 0:
            time.sleep(timeout)
        return []


class Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self, *_):
        super().__init__()
        self._selector = Selector()

    def _process_events(self, events):
        pass

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

    def add_signal_handler(self, *_):
        pass

    def remove_signal_handler(self, *_):
        return False


def install():
    """Whoever asks asyncio for a loop gets ours."""
    asyncio.SelectorEventLoop = asyncio.EventLoop = Loop
    asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
