"""How a process hears that it is to end: SIGTERM of the system, SIGHUP of a terminal that was closed."""

import contextlib
import signal
import threading

ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextlib.contextmanager
def heard(hear, also=()):
    """While it lasts, ``hear(number, frame)`` is called when this process is to end, and at the signals ``also``.

    It may be called again in the midst of itself, so it must take no lock: the second call would wait for the first, for
    ever.  Setting a ``threading.Event`` takes one.
    What is ignored stays so: `nohup` means that the terminal may go.  Only the main thread of a process hears.
    """
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.signal(number, hear) for number in (*ENDINGS, *also)
                    if number in also or signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
