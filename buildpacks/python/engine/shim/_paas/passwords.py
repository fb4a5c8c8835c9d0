"""`hashlib.pbkdf2_hmac` and `hashlib.scrypt`: slow on purpose, so the host does them."""
import hashlib
import hmac
import operator

from componentize_py_types import Err
from wit_world.imports import key_derivation

# What the host knows; others are done here, slowly.
HASHES = {"sha1", "sha224", "sha256", "sha384", "sha512"}


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    if not isinstance(hash_name, str):
        raise TypeError(f"pbkdf2_hmac() argument 'hash_name' must be str, not {type(hash_name).__name__}")
    digest = hashlib.new(hash_name)
    dklen = digest.digest_size if dklen is None else whole(dklen, "dklen")
    iterations = whole(iterations, "iterations")
    password, salt = octets(password), octets(salt)
    if digest.name not in HASHES:
        return slowly(digest.name, password, salt, iterations, dklen)
    return asked(key_derivation.pbkdf2, digest.name, password, salt, iterations, dklen)


def scrypt(password, *, salt, n, r, p, maxmem=0, dklen=64):
    n, r, p, dklen = (whole(value, name) for value, name in ((n, "n"), (r, "r"), (p, "p"), (dklen, "dklen")))
    if maxmem and 128 * n * r > maxmem:
        raise ValueError(f"n={n} and r={r} need more memory than maxmem={maxmem}")
    return asked(key_derivation.scrypt, octets(password), octets(salt), n, r, p, dklen)


def asked(derive, *wanted):
    try:
        return bytes(derive(*wanted))
    except Err as refused:
        raise ValueError(refused.value) from None


def octets(data):
    if isinstance(data, str):
        raise TypeError("a bytes-like object is required, not 'str'")
    return bytes(memoryview(data))


def whole(value, name):
    value = operator.index(value)
    if not 0 < value < 1 << 32:
        raise ValueError(f"{name} must be greater than 0 and less than 2**32")
    return value


def slowly(hash_name, password, salt, iterations, dklen):
    """RFC 8018, 5.2."""
    inner = hmac.new(password, None, hash_name)
    size = inner.digest_size
    result = b""
    for block in range(1, -(-dklen // size) + 1):
        first = inner.copy()
        first.update(salt + block.to_bytes(4))
        digest = first.digest()
        total = int.from_bytes(digest)
        for _ in range(iterations - 1):
            step = inner.copy()
            step.update(digest)
            digest = step.digest()
            total ^= int.from_bytes(digest)
        result += total.to_bytes(size)
    return result[:dklen]
