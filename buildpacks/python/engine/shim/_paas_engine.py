"""What componentize-py makes the engine of: boots one app, then answers each request with it."""
import wit_world
from componentize_py_types import Err

from _paas import stdlib  # first: what apps find imported, and the stand-ins for what WASI lacks
from _paas import boot, exchange, lasting, output, room, warm

APP = None


class WitWorld(wit_world.WitWorld):
    def boot(self, app):
        global APP
        output.install()
        try:
            APP = boot.ahead(app)
        except BaseException as error:
            raise Err(boot.explain(error)) from None
        finally:
            output.release()
        room.fill()

    def lasting(self):
        return lasting.addresses()

    def serve(self):
        boot.wake()
        APP(exchange.Exchange())
        output.flush()


warm.up()
