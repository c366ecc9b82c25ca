"""Computing processes, shared by all who look at the dashboard: the newest question of each place on each visitor's page
is answered, visitors take turns, and each answer has a limit of time and memory.

The processes run :mod:`gan_core.tasks.server`.  Not a multiprocessing pool: its children import the main module of their
parent, which under Streamlit is the page itself.
"""

import concurrent.futures
import itertools
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from gan_core.errors import TaskFailed
from gan_core.models import own_zoo
from gan_core.tasks.asking import Superseded, failed
from gan_core.tasks.registry import task, title
from gan_core.tasks.server import GIVE_UP, WARM_UP

PROCESSES, VARIABLE = 2, "GAN_COMPUTE"  # one visitor's heavy work leaves one for the others
# Bytes that a process may hold.  TensorFlow with a large model takes 1 to 2 GiB; two that run away still leave room for
# training on a machine of 16.  Measured from here, since TensorFlow reserves far more addresses than it uses.
MEMORY = 4 * 2**30
WORN = 2 * 2**30  # bytes beyond which a process is not used again: what libraries keep must not pile up
GRACE = 8.0  # seconds until what nobody waits for any more, and does not hear it, is ended: as long as a new process takes
POLL = 0.1  # seconds between two looks
LOG = "logs/compute.log"  # in the workspace
LOG_BYTES = 2**20  # from which on a new one is begun
COMMAND = (sys.executable, "-m", "gan_core.tasks.server")


class Request(concurrent.futures.Future):
    """A future :class:`gan_core.tasks.base.Result`.

    It raises the :class:`gan_core.errors.UserError` of the task, :class:`gan_core.errors.TaskFailed` with what went wrong
    and which log says more, or :class:`Superseded`.
    """

    def __init__(self, compute, question, slot, seconds):
        super().__init__()
        self.question, self.slot, self.seconds = question, slot, seconds
        self._compute = compute

    def abandon(self):
        """Nobody waits for it any more."""
        self._compute._abandon(self)

    def settle(self, result=None, error=None):
        """Set the result or the error, unless it has one already."""
        try:
            self.set_exception(error) if error is not None else self.set_result(result)
        except concurrent.futures.InvalidStateError:
            pass


class Compute:
    """The processes of one workspace; they start when they are needed, and end with :meth:`close` or with this process.

    Args:
        workspace: where the log is.
        processes: how many at most; None takes ``$GAN_COMPUTE``, else two.
    """

    def __init__(self, workspace, processes=None, *, memory=MEMORY, grace=GRACE, command=COMMAND):
        self.workspace, self.memory, self.grace, self.command = Path(workspace), memory, grace, command
        self._lock = threading.RLock()
        self._waiting = {}  # visitor -> requests, oldest first; the visitor whose turn is next first
        self._servers = [_Server(self) for _ in range(processes or _wanted_processes())]

    def ask(self, question, *, visitor="", slot="", seconds=None):
        """A :class:`Request`.  It takes the place of earlier ones of the same ``visitor`` and ``slot``, a place on the page.

        ``seconds`` that the answer may take, once it is begun; None takes the task's.
        """
        request = Request(self, question, (visitor, slot), seconds or task(question.task).seconds)
        with self._lock:
            stale = [earlier for earlier in (*self._waiting.get(visitor, ()), *self._running())
                     if earlier.slot == request.slot]
            for earlier in stale:
                self._abandon(earlier)
            self._waiting.setdefault(visitor, []).append(request)
            self._assign()
        return request

    def warm_up(self):
        """Have a process start and load what takes longest, unless there is one: who asks first need not wait for that."""
        with self._lock:
            if not self.processes() and not self._running():
                self._servers[0].warm_up()

    def close(self):
        with self._lock:
            requests = [*itertools.chain(*self._waiting.values()), *self._running()]
            self._waiting.clear()
            for request in requests:
                request.settle(error=Superseded())
            for server in self._servers:
                server.close()

    def processes(self):
        """Ids of the processes that live."""
        return [server.process.pid for server in self._servers if server.living]

    def _running(self):
        return [server.request for server in self._servers if server.request is not None]

    def _abandon(self, request):
        with self._lock:
            visitor = request.slot[0]
            if request in self._waiting.get(visitor, ()):
                self._waiting[visitor].remove(request)
                if not self._waiting[visitor]:
                    del self._waiting[visitor]
        request.settle(error=Superseded())  # one that is being answered hears of it from its server

    def _assign(self):
        """Give waiting requests to idle processes."""
        while idle := [server for server in self._servers if server.request is None]:
            if (request := self._next()) is None:
                return
            max(idle, key=lambda server: server.suits(request.question)).begin(request)

    def _next(self):
        """The request whose turn it is: visitors go round, and none has all the processes."""
        most = max(1, len(self._servers) - 1)
        for visitor in self._waiting:
            if sum(request.slot[0] == visitor for request in self._running()) < most:
                requests = self._waiting.pop(visitor)
                if requests[1:]:
                    self._waiting[visitor] = requests[1:]  # behind the others
                return requests[0]
        return None

    def _done(self, server):
        with self._lock:
            server.request = None
            self._assign()


class _Server:
    """One process, and a thread that waits for its answers."""

    def __init__(self, compute):
        self._compute, self._numbers, self._inbox = compute, itertools.count(), queue.SimpleQueue()
        self.request, self.process, self.backend, self._thread, self._last = None, None, "", None, None

    @property
    def living(self):
        return self.process is not None and self.process.poll() is None

    def suits(self, question):
        """How well, to be compared: it may hold the model already, or be of the right backend, or not be there yet."""
        wanted = _backend(question)
        return (self.living and self.backend == wanted and self._last == question.checkpoint,
                self.living and self.backend == wanted, not self.living)

    def begin(self, request):
        self.request = request
        self._put(request)

    def warm_up(self):
        self._put(WARM_UP)

    def _put(self, item):
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="compute", daemon=True)
            self._thread.start()
        self._inbox.put(item)

    def close(self):
        self._inbox.put(None)
        self._end()

    def _work(self):
        while (request := self._inbox.get()) is not None:
            if request == WARM_UP:
                self._start(_backend())
                self._send(next(self._numbers), WARM_UP)
                continue
            try:
                request.settle(self._answer(request))
            except Exception as error:
                request.settle(error=error)
            finally:
                self._compute._done(self)

    def _answer(self, request):
        """Have a question answered.  Raises what :class:`Request` raises."""
        if request.done():
            raise Superseded
        question, name, number = request.question, title(request.question.task), next(self._numbers)
        self._start(_backend(question))
        self._last = question.checkpoint
        self._send(number, question)
        deadline, given_up = time.monotonic() + request.seconds, None
        while True:
            try:
                got = self._answers.get(timeout=POLL)
            except queue.Empty:
                now = time.monotonic()
                if request.done() and given_up is None:
                    given_up = now
                    self._send(number, GIVE_UP)
                if given_up is not None and now - given_up > self._compute.grace:
                    self._end()
                    raise Superseded from None
                if now > deadline:
                    self._end()
                    raise TaskFailed(f"{name} took more than {_duration(request.seconds)} and was ended; ask for less, or "
                                     "try again when the machine has less to do.") from None
                if _memory(self.process) > self._compute.memory:
                    self._end()
                    raise TaskFailed(f"{name} took more than {self._compute.memory / 2**30:.3g} GiB of memory and was "
                                     "ended; ask for less.") from None
                continue
            if got is None:
                raise TaskFailed(f"{name} failed: {self._epitaph()}; {LOG} in the workspace says more.")
            answered, result, error = got
            if answered != number:
                continue
            if _memory(self.process) > min(WORN, self._compute.memory):
                self._end()
            if isinstance(error, tuple):
                raise failed(question, *error, LOG)
            if error is not None:
                raise error
            return result

    def _start(self, backend):
        if self.living and self.backend == backend:
            return
        self._end()
        path = self._compute.workspace / LOG
        with _log(path) as log:
            self.process = subprocess.Popen(
                self._compute.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=Path(__file__).parents[2],
                env=os.environ | own_zoo.environment() | {"KERAS_BACKEND": backend})
        self.backend, self._last, self._answers = backend, None, queue.SimpleQueue()
        threading.Thread(target=_hear, args=(self.process.stdout, self._answers), name="compute answers",
                         daemon=True).start()

    def _send(self, number, message):
        try:
            pickle.dump((number, message), self.process.stdin)
            self.process.stdin.flush()
        except (OSError, ValueError):
            pass  # it has ended, which its answers tell

    def _epitaph(self):
        try:
            code = self.process.wait(5.0)
        except subprocess.TimeoutExpired:
            code = None
        self._end()
        return f"its process was killed by signal {-code}" if code is not None and code < 0 else "its process ended"

    def _end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                try:
                    pipe.close()
                except OSError:
                    pass
            self.process = None


def _log(path):
    """The log, to be added to; where it cannot be written nothing is kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".before.log"))
        return open(path, "ab")
    except OSError:
        return open(os.devnull, "ab")


def _hear(pipe, answers):
    """Pass on the answers of a process, and None when there are no more."""
    try:
        while True:
            answers.put(pickle.load(pipe))
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        answers.put(None)


def _wanted_processes():
    try:
        return max(1, int(os.environ.get(VARIABLE) or PROCESSES))
    except ValueError:
        return PROCESSES


def _backend(question=None):
    """What a process for a question computes with: what the run was trained with."""
    wanted = question.checkpoint.backend if question and question.checkpoint else os.environ.get("KERAS_BACKEND", "")
    return wanted if wanted in ("tensorflow", "jax") else "tensorflow"


def _memory(process):
    try:
        return psutil.Process(process.pid).memory_info().rss if process else 0
    except psutil.Error:
        return 0


def _duration(seconds):
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:g} seconds"
