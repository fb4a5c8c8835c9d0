"""What lasts as long as an instance: everything that is there when the engine has started, and when an app has booted.

The platform makes these objects immortal in the memory that it keeps. CPython then leaves their reference counts alone, and a request does not write the pages that
hold nothing else. Their addresses are asked for twice: first of the started engine's, then of what an app's boot has added.
"""
import gc
import sys
from array import array
from itertools import chain, compress, repeat
from operator import attrgetter, is_, lt
from types import CodeType

# Bound here, before an app runs that might put something else in their place.
containers, referents, thaw, quiet, count = gc.get_objects, gc.get_referents, gc.unfreeze, gc.disable, sys.getrefcount
# CPython's own bound, where addresses have 32 bits.
IMMORTAL = 1 << 30
# The collector knows code as no container. Code's other attributes are made when they are asked for: what is not there yet cannot last.
of_code = attrgetter("co_consts", "co_names", "co_name", "co_qualname", "co_filename", "co_linetable", "co_exceptiontable")
# Nor are the built-in types, whose methods a request looks up.
names_of = type.__dict__["__dict__"].__get__


def addresses():
    """Where the objects are that are not immortal, four bytes each, some of them often. An engine has a hundred thousand, so each step is one call for all;
    nothing of the app's runs."""
    quiet()
    thaw()
    things = mortal(containers())
    things += referents(*things)
    things = mortal(things)
    parts = list(chain.from_iterable(map(of_code, having(CodeType, things))))
    parts += referents(*map(names_of, having(type, things)))
    # Tuples of names and constants, and methods of built-in types.
    parts += referents(*parts)
    return array("I", map(id, chain(things, mortal(parts)))).tobytes()


def mortal(things):
    return list(compress(things, map(lt, map(count, things), repeat(IMMORTAL))))


def having(kind, things):
    """Those of exactly this type, each once."""
    found = compress(things, map(is_, map(type, things), repeat(kind)))
    return {id(thing): thing for thing in found}.values()
