"""Cards that are not shipped: made on first need, each in a process of its own, and kept in the workspace's cache.

What an architecture's file does when it is imported, hang or kill its process included, becomes one sentence and a log.
"""

import contextlib
import functools
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from gan_core.config import backends
from gan_core.models import own_zoo
from gan_core.models.card import Card
from gan_core.whole_files import write_whole

PROJECT = Path(__file__).parents[2]
LIMIT = 120.0  # seconds that a description may take; importing Keras is most of the ten that it usually takes
MOST = 2**20  # bytes of what it says that are kept, the last ones
LONGEST = 240  # characters of an error that go into a sentence

_answers = {}  # of this process, by the place, the content and the date of the file
_under_way = set()
_lock = threading.Lock()


def known(name, path, cache):
    """The :class:`Card` of the architecture in the file ``path``, or the sentence that says why there is none; None while
    nobody has described it.  ``cache`` is a folder, or None."""
    try:
        mark = _mark(name, path, cache)
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror or error}."
    if mark not in _answers and (answer := _kept(_place(mark), path)):
        _answers[mark] = answer
    return _answers.get(mark)


def describe(name, path, cache):
    """As :func:`known`, but describes it if need be, which takes some seconds.

    A file that could not be described is tried again when it is saved again.
    """
    if answer := known(name, path, cache):
        return answer
    mark = _mark(name, path, cache)
    card, why, said = _ask(name)
    answer = card or _broken(path, why, said, _place(mark))
    if card:
        with contextlib.suppress(OSError):  # a cache that cannot be written costs a few seconds a start, no more
            _keep(_place(mark), ".json", json.dumps(card.as_dict()))
    _answers[mark] = answer
    return answer


def begin(files, cache):
    """Describe ``{name: Path}`` one after the other while this process does other things."""
    with _lock:
        new = {name: path for name, path in files.items() if (name, path, cache) not in _under_way}
        _under_way.update((name, path, cache) for name, path in new.items())
    if new:
        threading.Thread(target=_in_turn, args=(new, cache), name="describing", daemon=True).start()


def _in_turn(files, cache):
    for name, path in files.items():
        try:
            describe(name, path, cache)
        except OSError:
            pass  # it was taken away meanwhile
        finally:
            _under_way.discard((name, path, cache))


def _mark(name, path, cache):
    content = hashlib.sha256(f"{own_zoo.fingerprint(path)} {_fingerprint()}".encode()).hexdigest()[:16]
    return cache and Path(cache) / "cards", f"{name}-{content}", path.stat().st_mtime_ns


def _place(mark):
    """The path in the cache, without its suffix; None when there is no cache."""
    folder, stem, _ = mark
    return folder and folder / stem


def _kept(place, path):
    if place is None:
        return None
    card, log = place.with_suffix(".json"), place.with_suffix(".log")
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # damaged: then it is made anew
        return Card.from_dict(json.loads(card.read_text()))
    with contextlib.suppress(OSError):
        if log.stat().st_mtime >= path.stat().st_mtime:
            return log.read_text().partition("\n")[0] or None
    return None


def _keep(place, suffix, text):
    if place is None:
        return
    name = place.name.partition("-")[0]
    for old in [*place.parent.glob(f"{name}-*.json"), *place.parent.glob(f"{name}-*.log")]:
        old.unlink(missing_ok=True)
    write_whole(place.with_suffix(suffix), text.encode())


def _ask(name):
    """``(card, why, said)`` of a process that describes it: the card, or why there is none and all that it said."""
    try:
        place = tempfile.TemporaryDirectory(prefix="gan-card-")
    except OSError as error:
        return None, f"there is no folder for temporary files ({error.strerror or error}), set TMPDIR to one", ""
    with place as folder:
        out = Path(folder) / "card.json"
        command = [sys.executable, "-m", "gan_core", "describe", name, "--out", str(out), "--limit", str(LIMIT)]
        code, said = _ended(command)
        said = said.decode(errors="replace").strip()
        if code == 0:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                return Card.from_dict(json.loads(out.read_text())), "", said
    if code is None or "Timeout (" in said:
        return None, f"it was not described within {LIMIT:.0f} seconds", said
    if code < 0:
        return None, f"its process was ended by {signal.Signals(-code).name}", said
    if code == 0 or not said:
        return None, f"its process ended without a word, with the exit code {code}", said
    return None, said.splitlines()[-1][:LONGEST].rstrip(". "), said


def _ended(command):
    """``(exit code, the end of what it said)`` of a process; the code is None of one that had to be ended.

    It is over when the process is: what it has started and left may hold its stderr for ever, and is ended, too.
    """
    process = subprocess.Popen(command, cwd=PROJECT, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, start_new_session=True)
    said = bytearray()

    def listen():
        with process.stderr as stream:
            while block := stream.read1(MOST):
                said.extend(block)
                del said[:-MOST]

    listener = threading.Thread(target=listen, name="listening", daemon=True)
    listener.start()
    code = None
    try:
        code = process.wait(LIMIT + 10)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
        process.wait()
    listener.join(1.0)
    return code, bytes(said)


def _environment():
    """Of a process that describes: what an architecture is does not depend on a backend that cannot be had here."""
    usable = {} if not backends.refusal(backends.chosen()) else {backends.VARIABLE: backends.BACKENDS[0]}
    return os.environ | own_zoo.environment() | usable


def _broken(path, why, said, place):
    """The sentence about a file that cannot be used; its log begins with it."""
    told = f"{path.name} cannot be used: {why}"
    if place is not None:
        log = place.with_suffix(".log")
        more = "the traceback is" if "most recent call" in said else "what it said is" if said else ""
        where = f"{log.parent.parent.name}/{log.parent.name}/{log.name} of the workspace"
        sentence = f"{told}; {more} in {where}." if more else f"{told}."
        with contextlib.suppress(OSError):
            _keep(place, ".log", f"{sentence}\n\n{said}\n")
            return sentence
    return f"{told}."


@functools.cache
def _fingerprint():
    """Of the source that descriptions are made from, beside the architecture's own."""
    root = PROJECT / "gan_core"
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for room in ("models", "config", "engine", "data") for path in root.glob(f"{room}/**/*.py")):
        if path.parent.name != "zoo":
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
