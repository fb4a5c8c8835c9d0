"""Leaves no holes in the heap that a boot has used, so that what a request allocates lies close together.

CPython on WASI takes each object from the C library, which prefers holes to fresh memory. A boot leaves tens of thousands of them, all over the heap: a request
would put its objects into as many pages, and each page that it writes is copied first. What fills the holes is never looked at again.
"""
import gc
from collections import deque

# No hole is as large.
LARGE = 2 << 20
# What CPython and the C library add to the bytes of a `bytes`, and the multiple to which that is rounded.
HEAD, STEP = 21, 16
# Up to this size each multiple has its turn.
SMALL = 1 << 10

# Bound here, before an app runs that might put something else in their place.
collect, freeze, address = gc.collect, gc.freeze, id

filling = deque()


def fill():
    """The last thing that a boot does."""
    collect()
    try:
        fill_all()
    except MemoryError:
        pass  # the app has taken nearly all that it may
    freeze()


def fill_all():
    # Taken from the end of the heap and given back, so that fresh memory is there: holes lie before it.
    end = address(bytes(LARGE))
    size = LARGE
    while size > SMALL:
        put(end, bytes, size - HEAD)
        size -= (size >> 2) & -STEP
    # What did not find a hole any more is kept to the end: given back, it would be a hole behind all others, and be taken before them.
    behind = [put(end, bytes, size - HEAD) for size in range(SMALL, STEP, -STEP)]
    behind.append(put(end, object))


def put(end, make, *arguments):
    """Fills the holes that are large enough; returns what did not find one any more."""
    while address(thing := make(*arguments)) < end:
        filling.append(thing)
    return thing
