"""Starting an app: its environment, its modules, its callable."""
import gc
import importlib
import os
import random
import sys

from wit_world.imports import environment

from _paas import asgi, failure, missing, wsgi

HOME = "/app"
PACKAGES = "/app/.packages"


class NotFound(Exception):
    """Said to the developer as it is."""


def start(name):
    """Imports the app in its release's environment; gives what answers an exchange."""
    env = dict(environment.get_environment())
    os.environ.clear()
    os.environ.update(env)
    os.chdir(HOME)
    sys.path[:] = [HOME, *[path for path in env.get("PYTHONPATH", "").split(":") if path], "/python", PACKAGES]
    sys.argv[:] = ["app"]
    sys.dont_write_bytecode = True
    random.seed()
    app = find(name)
    answer = asgi.adapter(app) if asgi.is_asgi(app) else wsgi.adapter(app)
    gc.collect()
    gc.freeze()
    return answer


def find(name):
    """`module:name`, `module:name.attribute` or `module:factory()`."""
    folder, _, name = name.rpartition("#")
    if folder:
        sys.path.insert(0, os.path.join(HOME, folder))
        os.chdir(sys.path[0])
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    factory = attribute.endswith("()")
    for part in attribute.removesuffix("()").split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise NotFound(f"Module {module} has no `{part}`. Name the app's callable in the Procfile: `web: gunicorn {module}:app`.") from None
    app = found() if factory else found
    if not callable(app):
        raise NotFound(f"`{name}` is not callable: it is {app!r}. Name the WSGI or ASGI app in the Procfile: `web: gunicorn {module}:app`.")
    return app


def wake():
    """At the beginning of a request: what must differ from instance to instance."""
    random.seed()


def explain(error):
    if isinstance(error, NotFound):
        return str(error)
    return missing.advice(error) + failure.describe(error)
