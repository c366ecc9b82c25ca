"""Threads of this process: for tests, and for a debugger that is to see everything.  They end with it."""

import contextlib
import io
import os
import threading
import traceback

from gan_core.errors import RunFailed
from gan_core.launch.launchers import local


class Inline:
    """Runs commands in threads.

    ``main`` is what a command is given to, such as the command line's: this room must not know it, so whoever chooses this
    launcher says it.  Threads share one environment: a command's own is set for all.
    """

    def __init__(self):
        self.main = None
        self._threads = {}

    def start(self, command, environment, open_log):
        if self.main is None:
            raise RunFailed("The launcher 'inline' works only in a program that says what runs its commands; set "
                            "GAN_LAUNCHER=local.")
        try:
            file = io.TextIOWrapper(open_log(), encoding="utf-8", write_through=True)
        except OSError as error:
            raise RunFailed(f"Its thread could not be started ({error}).") from error
        os.environ |= environment
        thread = threading.Thread(target=_run, args=(self.main, command, file), daemon=True)
        thread.start()
        self._threads[thread.ident] = thread
        return local.ownership() | {"launcher": "inline", "thread": thread.ident}

    def own_handle(self):
        return local.ownership() | {"launcher": "inline", "thread": threading.get_ident()}

    def alive(self, handle):
        if handle["pid"] != os.getpid():
            # Which of its threads still work, that process alone knows.
            return None if local.launcher.alive(handle) is not False else False
        thread = self._threads.get(handle["thread"])
        return thread is not None and thread.is_alive()

    def stop(self, handle):
        """A thread hears the catalogue, and nothing else."""

    def usage(self, handle):
        """A thread has no memory of its own."""


def _run(main, command, log):
    with log, contextlib.suppress(SystemExit):
        try:
            main(command)
        except Exception:
            traceback.print_exc(file=log)


launcher = Inline()
