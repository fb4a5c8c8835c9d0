"""Stand-ins for what the CPython of WASI lacks and web apps take for granted."""
import concurrent.futures
import functools
import hashlib
import importlib.abc
import importlib.machinery
import os
import sqlite3
import sqlite3.dbapi2
import sys
import urllib.parse

from _paas import passwords, sockets, tls


def install():
    sockets.install()
    sys.modules["ssl"] = tls.module()
    hashlib.pbkdf2_hmac, hashlib.scrypt = passwords.pbkdf2_hmac, passwords.scrypt
    concurrent.futures.ThreadPoolExecutor.submit = submit
    sqlite3.connect = sqlite3.dbapi2.connect = immutable(sqlite3.connect)
    sys.meta_path.insert(0, Patches())


def submit(self, function, /, *args, **kwargs):
    """There are no threads: the work is done at once."""
    future = concurrent.futures.Future()
    future.set_running_or_notify_cancel()
    try:
        future.set_result(function(*args, **kwargs))
    except BaseException as error:
        future.set_exception(error)
    return future


def immutable(connect):
    """An app's files never change, and there are no locks here: SQLite is told so, or it would not even read."""

    @functools.wraps(connect)
    def connect_immutable(database, *args, uri=False, **kwargs):
        name = os.fsdecode(database)
        if uri and name.startswith("file:"):
            name += ("&" if "?" in name else "?") + "immutable=1"
        elif os.path.isfile(name):
            name, uri = f"file:{urllib.parse.quote(os.path.abspath(name))}?immutable=1", True
        return connect(name, *args, uri=uri, **kwargs)

    return connect_immutable


def patch_anyio(module):
    """Starlette and FastAPI run sync functions in threads of anyio's."""

    async def run_sync(function, args=(), abandon_on_cancel=False, limiter=None):
        return function(*args)

    module.AsyncIOBackend.run_sync_in_worker_thread = staticmethod(run_sync)


class Patches(importlib.abc.MetaPathFinder):
    """Changes modules of others right after they were imported."""

    PATCHES = {"anyio._backends._asyncio": patch_anyio}

    def find_spec(self, name, path, target=None):
        patch = self.PATCHES.get(name)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target) if patch else None
        if spec is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            patch(module)

        spec.loader.exec_module = exec_module
        return spec
