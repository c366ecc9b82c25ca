"""What stands before a far place for artifacts: what is to go there waits on this disk until it is there.

So nobody who writes waits for a network, and nothing is lost while there is none.  A thread sends, in order, what this
process and others that ended have left; a run's pieces are sent by one process at a time.  Who reads sees what waits as if
it were there already, and what was fetched stays in a cache of bounded size.
"""

import atexit
import concurrent.futures.thread  # noqa: F401  before we are registered for the end, see there
import contextlib
import os
import shutil
import threading
import time
import weakref
from pathlib import Path

from filelock import FileLock, Timeout

from gan_core.errors import StoreError, UserError
from gan_core.store.artifacts import check_name
from gan_core.store.pieces import ADD, GONE, Clock, Piece, PiecedArtifacts
from gan_core.store.run import Unreachable
from gan_core.whole_files import write_whole

DOWN = 5.0  # seconds for which a place that did not answer is not asked again by those who wait for the answer
LOOK = 5.0  # seconds between two looks at what others may have left
PAUSES = (0.3, 1.0, 2.0, 5.0)  # seconds after the first, the second ... time that it could not be sent
AT_EXIT = 20.0  # seconds that a process waits at its end for what it has to send
DELETED = ".deleted"  # of a run that is to be deleted there, too
_WROTE = set()  # outboxes of this process that have written and are not closed: a command drops its store when it is done
TRIES = 10  # to write into a folder that others remove when it is empty


class Outbox:
    """An :class:`gan_core.store.artifacts.ArtifactStore` before one that has ``send`` and is a shelf.

    Args:
        folder: where things wait.
        cache: :class:`gan_core.store.file_cache.FileCache`.
    """

    def __init__(self, place, folder, cache):
        self._place, self._folder, self._cache = place, Path(folder), cache
        self._clock, self._lock, self._gone, self._waited = Clock(), threading.RLock(), set(), {}
        self._wake, self._sent, self._over = threading.Event(), threading.Condition(), False
        self._thread, self._trouble, self._down_until, self._wrote = None, "", 0.0, False
        if self.waiting():
            self._see_to_it()

    # The store

    def of(self, run_id):
        check_name(run_id)
        return PiecedArtifacts(self, run_id)

    def make(self, run_id):
        self._place.make(run_id)
        self._gone.discard(run_id)

    def remove(self, run_id):
        check_name(run_id)
        self._gone.add(run_id)
        with contextlib.suppress(OSError):
            write_whole(self._folder / run_id / DELETED, b"")
        self._see_to_it()
        self.settle(AT_EXIT / 10)

    def where(self, run_id):
        return self._place.where(run_id)

    # The shelf

    def look(self, run_id, anew=False):
        waiting = self._waiting(run_id)  # first: what is sent meanwhile is then seen twice, and not never
        if waiting is None:
            return None
        if waiting:
            self._see_to_it()
        names, sent = None, True
        try:
            if time.monotonic() < self._down_until:
                raise Unreachable(self._trouble)
            names = self._place.look(run_id, anew)
            before = self._waited.get(run_id, set())
            if before - _all(waiting) - _all(names or {}):  # it was sent since the last listing
                names = self._place.look(run_id, anew=True)
        except StoreError as error:
            self._is_down(error)
            names, sent = self._place.last_seen(run_id), False
            if names is None:  # what waits here is not all: who went on from it would lose the rest
                raise Unreachable(self._trouble) from None
        self._waited[run_id] = _all(waiting)
        if names is None and sent:
            return None
        names = names or {}
        return {name: frozenset(names.get(name, ())) | waiting.get(name, frozenset()) for name in {*names, *waiting}}

    def known(self, run_id):
        """What can be known without waiting for the network, where the run was looked at before."""
        waiting = self._waiting(run_id)  # first, as in look(): what is sent meanwhile is seen twice, and not never
        names = self._place.last_seen(run_id)
        if waiting is None:
            return None
        if names is None:
            try:
                names = self._place.look(run_id)
                if names is None:
                    return None
            except StoreError:  # it may be there: who sends will see
                names = {}
        return {name: frozenset(names.get(name, ())) | waiting.get(name, frozenset()) for name in {*names, *waiting}}

    def keep(self, run_id, name, kind, data):
        with self._lock:
            waiting = (self._waiting(run_id) or {}).get(name, ())
            before = (self._place.last_seen(run_id) or {}).get(name, ())
            piece = self._clock.piece(kind, len(data), (*before, *waiting))
            if kind == ADD and waiting and (longer := self._longer(run_id, name, waiting, piece, data)):
                return longer
            self._write(run_id, name, piece, data)
        self._see_to_it()

    def let_go(self, run_id, name):
        self.keep(run_id, name, GONE, b"")

    def read(self, run_id, name, piece):
        path = self._path(run_id, name, piece)
        with contextlib.suppress(OSError):
            return open(path, "rb")
        key = "/".join((self.where(run_id), name, str(piece)))
        return self._cache.get(key) or self._cache.keep(key, self._place.read(run_id, name, piece).read())

    def tidy(self, run_id):
        with contextlib.suppress(StoreError):
            self._place.tidy(run_id)

    def _longer(self, run_id, name, waiting, piece, data):
        """Add to the piece that waits, where it is ours, nobody is sending and nothing came after: an outage of hours leaves
        few files."""
        last = max(waiting)
        if last.kind != ADD or last.writer != self._clock.writer:
            return None
        with contextlib.suppress(Timeout, OSError), self._sending(run_id):
            old = self._path(run_id, name, last)
            data = old.read_bytes() + data
            longer = Piece(last.first, last.writer, piece.last, len(data), ADD)
            self._write(run_id, name, longer, data)
            old.unlink(missing_ok=True)
            return longer
        return None

    def _write(self, run_id, name, piece, data):
        self._wrote = True
        _WROTE.add(self)
        path = self._path(run_id, name, piece)
        for left in reversed(range(TRIES)):
            try:
                return write_whole(path, data)
            except FileNotFoundError:
                if not left:
                    raise

    def _path(self, run_id, name, piece):
        return self._folder.joinpath(run_id, *name.split("/"), str(piece))

    def _waiting(self, run_id):
        """``{name: pieces}`` of a run that wait; None of one that was deleted."""
        top, found = self._folder / run_id, {}
        if run_id in self._gone or (top / DELETED).exists():
            return None
        for folder, _, files in os.walk(top):
            pieces = frozenset(piece for file in files if (piece := Piece.of(file)))
            if pieces:
                found[Path(folder).relative_to(top).as_posix()] = pieces
        return found

    # Sending

    def waiting(self):
        """``(pieces, bytes)`` that wait here, of all processes; empty where none do."""
        return waiting_in(self._folder)

    @property
    def trouble(self):
        """Why it could not be sent when it was tried last, a sentence; "" when it could."""
        return self._trouble

    def _is_down(self, error):
        self._trouble, self._down_until = str(error), time.monotonic() + DOWN

    def settle(self, seconds):
        """Wait until nothing waits, at most so long.  Whether it came so far."""
        deadline = time.monotonic() + seconds
        while self.waiting():
            self._see_to_it()
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self._sent:
                self._sent.wait(min(left, 0.2))
        return True

    def close(self, seconds=AT_EXIT):
        """End the thread; who has written waits until everything is sent or the time is up.  The rest waits for whoever
        comes next.  Whether nothing does."""
        done = self.settle(seconds) if self._wrote else not self.waiting()
        self._over = True
        _WROTE.discard(self)
        self._wake.set()
        return done

    def _see_to_it(self):
        with self._lock:
            if (self._thread is None or not self._thread.is_alive()) and not self._over:
                self._thread = threading.Thread(target=_work, args=(weakref.ref(self), self._wake), name="outbox",
                                                daemon=True)
                self._thread.start()
        self._wake.set()

    def send(self):
        """Send what waits; whether all is sent."""
        done, trouble = True, ""
        for top in sorted(self._folder.glob("[!.]*")):
            try:
                with self._sending(top.name):
                    self._send_run(top)
            except Timeout:  # another process does
                done = False
            except (UserError, OSError) as error:
                done, trouble = False, error
        if trouble:
            self._is_down(trouble)
        else:
            self._trouble, self._down_until = "", 0.0
        with self._sent:
            self._sent.notify_all()
        return done

    def _send_run(self, top):
        run_id = top.name
        if (top / DELETED).exists():
            self._place.remove(run_id)
            return shutil.rmtree(top, ignore_errors=True)
        pieces = [(piece, name) for name, held in (self._waiting(run_id) or {}).items() for piece in held]
        if pieces and self._place.look(run_id, anew=True) is None:  # it was deleted elsewhere
            self._gone.add(run_id)
            return shutil.rmtree(top, ignore_errors=True)
        for piece, name in sorted(pieces):
            path = self._path(run_id, name, piece)
            with contextlib.suppress(FileNotFoundError):  # a longer one is there
                data = path.read_bytes()
                self._place.send(run_id, name, piece, data)
                self._cache.take("/".join((self.where(run_id), name, str(piece))), path)
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):  # something new waits there
                os.rmdir(folder)

    def _sending(self, run_id):
        locks = self._folder / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        return FileLock(locks / f"{run_id}.lock", timeout=0)


def waiting_in(folder):
    """``(pieces, bytes)`` that wait in a folder; empty where none do."""
    sizes = []
    for _, _, files in os.walk(folder):
        for file in files:
            if (piece := Piece.of(file)) or file == DELETED:
                sizes.append(piece.size if piece else 0)
    return (len(sizes), sum(sizes)) if sizes else ()


def _all(names):
    return {(name, piece) for name, pieces in names.items() for piece in pieces if piece.kind != GONE}


def _work(outbox, wake):
    """The body of the thread; it keeps no store alive that nobody has any more."""
    failed = 0
    while True:
        wake.clear()
        if (mine := outbox()) is None or mine._over:
            return
        done = mine.send()
        failed = 0 if done else failed + 1
        del mine
        if done:
            wake.wait(LOOK)
        else:
            time.sleep(PAUSES[min(failed, len(PAUSES)) - 1])


def _settle_at_exit():
    for outbox in list(_WROTE):
        outbox.close()


# Before the pools of threads end in which libraries look up names: those end as soon as nothing else is to be done.
getattr(threading, "_register_atexit", atexit.register)(_settle_at_exit)
