"""Processes of this machine."""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from gan_core.errors import RunFailed
from gan_core.launch.usage import Meter
from gan_core.models import own_zoo

ENTRANCE = [sys.executable, "-m", "gan_core"]  # what a command is given to
PROJECT = Path(__file__).parents[3]


def ownership(pid=None):
    """The handle of a process, this one by default: its id, when it was born and on which machine.

    A process id alone may be another's by now.
    """
    process = psutil.Process(pid)
    return {"launcher": "local", "pid": process.pid, "born": process.create_time(), "host": socket.gethostname()}


class Local:
    """Starts processes that outlive this one: no terminal, no signals of ours."""

    def __init__(self):
        self._children = {}  # by process id: those that this process started, and must collect

    def start(self, command, environment, open_log):
        environment = environment | own_zoo.environment()
        if "GAN_DATA" in os.environ:  # it may be relative to our working directory
            environment = environment | {"GAN_DATA": os.path.abspath(os.environ["GAN_DATA"])}
        try:
            with open_log() as file:
                child = subprocess.Popen([*ENTRANCE, *command], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=file,
                                         stderr=file, start_new_session=True, env=os.environ | environment)
        except OSError as error:
            raise RunFailed(f"Its process could not be started ({error}).") from error
        self._children[child.pid] = child
        return ownership(child.pid)

    def own_handle(self):
        return ownership()

    def alive(self, handle):
        if handle["host"] != socket.gethostname():
            return None
        child = self._children.get(handle["pid"])
        if child is not None and child.poll() is not None:
            self._children.pop(child.pid, None)  # it is collected, and no zombie
        try:
            process = psutil.Process(handle["pid"])
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if abs(process.create_time() - handle["born"]) < 2:  # two readings of a birth may differ by a clock tick
                return True
        except psutil.NoSuchProcess:
            return False
        # Another's process by now; or the machine's clock was set, which moves all births: then the heart still beats.
        return None

    def stop(self, handle):
        if self.alive(handle):
            with contextlib.suppress(OSError):  # it has just ended, or is another user's
                os.kill(handle["pid"], signal.SIGTERM)

    def usage(self, handle):
        return _meter(handle["pid"], handle["born"]).read() if handle["host"] == socket.gethostname() else None


@functools.lru_cache(maxsize=32)
def _meter(pid, born):
    return Meter(pid)


launcher = Local()
