"""Stand-ins for what the CPython of WASI lacks and web apps take for granted."""
import concurrent.futures
import functools
import hashlib
import hmac
import importlib.abc
import importlib.machinery
import os
import sqlite3
import sqlite3.dbapi2
import sys
import types
import urllib.parse


def install():
    sys.modules.setdefault("ssl", ssl())
    if not hasattr(hashlib, "pbkdf2_hmac"):
        hashlib.pbkdf2_hmac = pbkdf2_hmac
    concurrent.futures.ThreadPoolExecutor.submit = submit
    sqlite3.connect = sqlite3.dbapi2.connect = immutable(sqlite3.connect)
    sys.meta_path.insert(0, Patches())


def ssl():
    """Enough of `ssl` to be imported. There are no sockets to secure: the router speaks TLS."""
    module = types.ModuleType("ssl", "A stand-in: an app has no sockets here.")

    class SSLError(OSError):
        pass

    class SSLContext:
        def __init__(self, protocol=None):
            raise NotImplementedError("An app has no TLS of its own here. The platform speaks it with visitors.")

    def create_default_context(*_, **__):
        return SSLContext()

    errors = ["SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError", "SSLEOFError", "SSLCertVerificationError"]
    vars(module).update({name: type(name, (SSLError,), {}) for name in errors})
    vars(module).update(
        SSLError=SSLError, SSLContext=SSLContext, SSLObject=type("SSLObject", (), {}), SSLSocket=type("SSLSocket", (), {}), MemoryBIO=type("MemoryBIO", (), {}),
        CertificateError=module.SSLCertVerificationError, create_default_context=create_default_context, _create_unverified_context=create_default_context,
        _create_default_https_context=create_default_context, HAS_SNI=True, HAS_ALPN=True, HAS_NEVER_CHECK_COMMON_NAME=True, OPENSSL_VERSION="none", OPENSSL_VERSION_NUMBER=0,
        OPENSSL_VERSION_INFO=(0, 0, 0, 0, 0), CERT_NONE=0, CERT_OPTIONAL=1, CERT_REQUIRED=2, PROTOCOL_TLS=2, PROTOCOL_SSLv23=2, PROTOCOL_TLS_CLIENT=16,
        PROTOCOL_TLS_SERVER=17, OP_ALL=0, OP_NO_SSLv2=0, OP_NO_SSLv3=1 << 25, OP_NO_COMPRESSION=1 << 17, OP_NO_TICKET=1 << 14, VERIFY_X509_STRICT=32,
        VERIFY_X509_PARTIAL_CHAIN=1 << 19, TLSVersion=types.SimpleNamespace(MINIMUM_SUPPORTED=-2, TLSv1=769, TLSv1_1=770, TLSv1_2=771, TLSv1_3=772, MAXIMUM_SUPPORTED=-1),
        Purpose=types.SimpleNamespace(SERVER_AUTH=None, CLIENT_AUTH=None),
    )
    return module


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """RFC 8018, 5.2. Slow in pure Python: a hasher with many iterations takes seconds."""
    inner = hmac.new(bytes(password), None, hash_name)
    size = inner.digest_size
    dklen = size if dklen is None else dklen
    result = b""
    for block in range(1, -(-dklen // size) + 1):
        first = inner.copy()
        first.update(bytes(salt) + block.to_bytes(4))
        digest = first.digest()
        total = int.from_bytes(digest)
        for _ in range(iterations - 1):
            step = inner.copy()
            step.update(digest)
            digest = step.digest()
            total ^= int.from_bytes(digest)
        result += total.to_bytes(size)
    return result[:dklen]


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
