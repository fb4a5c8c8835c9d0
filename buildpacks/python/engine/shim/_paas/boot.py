"""Starting an app: its environment, its modules, its callable."""
import gc
import importlib
import io
import os
import random
import shlex
import sqlite3
import sys

from wit_world.imports import environment

from _paas import asgi, bytecode, failure, late, missing, script, wsgi

HOME = "/app"
PACKAGES = "/app/.packages"
# What a name begins with that is started by each request, and one that is a program to run with its arguments.
LATE, PROGRAM = "late ", "$ "
# More files than any app has open while it boots.
FILES = range(3, 128)

awake = False


class NotFound(Exception):
    """Said to the developer as it is."""


def ahead(name):
    """Starts the app ahead of its requests; gives what answers an exchange. What cannot be is `late`'s to say."""
    if name.startswith(LATE):
        return at_request(name.removeprefix(LATE))
    late.booting = True
    bytecode.install()
    try:
        opened = handles()
        answer = start(name)
        kept = handles() - opened
        if kept:
            late.reason = late.reason or f"it keeps {named(kept)} open. Open it in a request's handler to make requests faster."
    except BaseException:
        if late.reason is None:
            raise
    finally:
        late.booting = False
    if late.reason:
        raise NotFound(late.line())
    return answer


def at_request(name):
    """An instance that starts the app when its request is there."""

    def answer(exchange):
        try:
            run = start(name)
        except BaseException as error:
            print(explain(error), file=sys.stderr, flush=True)
            exchange.fail()
        else:
            run(exchange)

    return answer


def handles():
    """Open files, by their numbers: a snapshot cannot contain them."""
    os.path.exists(HOME)  # the C library opens the folders by its first look
    gc.collect()
    return {number for number in FILES if is_open(number)}


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def named(kept):
    """What an app that keeps files open calls them."""
    found = [thing for thing in gc.get_objects() if isinstance(thing, (io.FileIO, sqlite3.Connection))]
    names = [str(thing.name).removeprefix(f"{HOME}/") for thing in found if isinstance(thing, io.FileIO) and not thing.closed and thing.fileno() in kept]
    return names[0] if names else "a database" if any(isinstance(thing, sqlite3.Connection) for thing in found) else "a file"


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
    if name.startswith(PROGRAM):
        return script.adapter(shlex.split(name.removeprefix(PROGRAM)))
    app = find(name)
    return asgi.adapter(app) if asgi.is_asgi(app) else wsgi.adapter(app)


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
    """At the beginning of a request: what must differ from instance to instance. One that is kept has done it."""
    global awake
    if not awake:
        awake = True
        random.seed()


def explain(error):
    if isinstance(error, NotFound):
        return str(error)
    return missing.advice(error) + failure.describe(error)
