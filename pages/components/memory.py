"""The memory of the server: what visitors leave behind is given back to the system, and not only to Python."""

import ctypes
import gc
import sys
import threading
import time

ARENAS, M_ARENA_MAX = 2, -8  # the second is of glibc's malloc.h
PAUSE = 20.0  # seconds between two clearings

_lock, _cleared = threading.Lock(), [0.0]


def prepare():
    """For the process of the server, before it has threads.

    Each thread would else take an arena of its own, in which the rest of a large page keeps hundreds of megabytes; and what
    was imported stays: to look through it for garbage takes a quarter of a second each time.
    """
    if library := _glibc():
        library.mallopt(M_ARENA_MAX, ARENAS)
    gc.collect()
    gc.freeze()


def clear():
    """Give back what nobody needs, now and then."""
    with _lock:
        if time.monotonic() - _cleared[0] < PAUSE:
            return
        _cleared[0] = time.monotonic()
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)


def _glibc():
    """The C library, where it is the one that can be told so; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
