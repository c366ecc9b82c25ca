"""Artifacts in an object store or on another server: S3, and whatever else fsspec opens."""

import collections
import contextlib
import functools
import importlib.util
import io
import secrets
import threading
import time

from gan_core.errors import StoreError, UserError
from gan_core.store.artifacts import check_name
from gan_core.store.pieces import ADD, GONE, PUT, Clock, Piece, PiecedArtifacts, current, merged, to_merge
from gan_core.store.run import Unreachable

MARKER = ".run"  # below a run's id: it is there.  What else lies there counts only beside it
# Seconds for which a listing is believed, since a page asks several times for one picture of itself: of a run to which
# nothing came for long, a twentieth of that time, but never more than the second.
FRESH, LONGEST_FRESH, SHARE = 0.5, 5.0, 1 / 20
# Seconds until a server that does not answer counts as unreachable: who waits is told, and what is to be sent waits here.
CONNECT, ANSWER = 4, 30
PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}  # by the schemes that have their own
OTHERS = "fsspec"  # fsspec://PROTOCOL/PLACE: any other protocol of fsspec's
OPTIONS = {
    "s3": {"use_listings_cache": False, "config_kwargs": {"connect_timeout": CONNECT, "read_timeout": ANSWER,
                                                          "retries": {"max_attempts": 1}}},
    "gs": {"use_listings_cache": False}, "az": {"use_listings_cache": False}, "file": {"auto_mkdir": True},
}
REMEMBERED = 60.0  # seconds, more than a listing takes
LOOKS = 5  # at what changes while it is listed


class Store:
    """Runs below a place, ``bucket/prefix``.  Everything is done at once: what cannot be reached is an :class:`Unreachable`.

    Args:
        scheme: of the URL.
    """

    far = True  # so that an Outbox stands before it

    def __init__(self, place, scheme="s3"):
        protocol, _, place = (scheme, "", place) if scheme != OTHERS else place.partition("/")
        if not protocol or not place.strip("/"):
            raise StoreError(f"{scheme}://{place} names no place for artifacts; write it as s3://BUCKET/PREFIX or "
                             f"{OTHERS}://PROTOCOL/PLACE.")
        self.protocol = protocol
        self._files, self._place = _opened(protocol, place.rstrip("/"))
        self._clock, self._lock = Clock(), threading.RLock()
        self._looks, self._changes = {}, collections.deque()  # what was seen of each run, and what was changed since

    def of(self, run_id):
        check_name(run_id)
        return PiecedArtifacts(self, run_id)

    def make(self, run_id):
        check_name(run_id)
        try:
            if self._listed(run_id) is not None:
                raise FileExistsError
            self._empty(run_id)  # what a run of this id has left must not become the new one's
            with self._reaching():
                self._files.pipe_file(self._path(run_id, MARKER), b"1", mode="create")  # of two at once one alone
        except FileExistsError:
            raise StoreError(f"There is a run {run_id} already; choose another id.") from None
        self._looks[run_id] = time.monotonic(), {}

    def remove(self, run_id):
        check_name(run_id)
        self._rm(self._path(run_id, MARKER))  # with it the run is gone
        self._looks.pop(run_id, None)
        self._empty(run_id)

    def _empty(self, run_id):
        for path in self._found(run_id):
            self._rm(path)

    def _rm(self, path):
        with contextlib.suppress(FileNotFoundError), self._reaching(absent=True):
            self._files.rm_file(path)

    def where(self, run_id):
        return f"{self.protocol}://{self._path(run_id)}"

    # The shelf

    def look(self, run_id, anew=False):
        """``{name: pieces}`` of a run as it is now, or was half a second ago; None of one that is not there."""
        when, names = self._looks.get(run_id, (-FRESH, None))
        if anew or names is None or time.monotonic() - when > _fresh_for(names):
            names = self._listed(run_id)
        return names

    known = look

    def last_seen(self, run_id):
        """The same as of the last look, whenever that was; None where there was none."""
        return self._looks.get(run_id, (0, None))[1]

    def keep(self, run_id, name, kind, data):
        with self._lock:
            self.send(run_id, name, self._clock.piece(kind, len(data), self._before(run_id, name)), data)

    def let_go(self, run_id, name):
        with self._lock:
            self.send(run_id, name, self._clock.piece(GONE, 0, self._before(run_id, name)), b"")

    def read(self, run_id, name, piece):
        with self._reaching(absent=True):
            return io.BytesIO(self._files.cat_file(self._path(run_id, name, str(piece))))

    def tidy(self, run_id):
        for name, pieces in (self.look(run_id, anew=True) or {}).items():
            self._drop(run_id, name, set(pieces) - set(current(pieces)))

    def send(self, run_id, name, piece, data):
        """Do what a piece says: keep it and let go of what it replaces.  To do so twice is as well as once."""
        before = self._before(run_id, name)
        if piece.kind == ADD and piece not in before and not any(other.covers(piece) for other in before):
            self._drop(run_id, name, [other for other in before if piece.covers(other)])
            self._merge(run_id, name)
            self._write(run_id, name, piece, data)
        elif piece.kind == PUT and piece not in before:
            self._write(run_id, name, piece, data)
        if piece.kind != ADD:
            # The last content stays beside the new one for those who have found it in their listing and come to read it.
            stay = current(before) if piece.kind == PUT else ()
            self._drop(run_id, name, [other for other in before if other < piece and other not in stay])

    def _before(self, run_id, name):
        return tuple((self.look(run_id) or {}).get(name, ()))

    def _merge(self, run_id, name):
        while parts := to_merge(current(self._before(run_id, name))):
            data = b"".join(self.read(run_id, name, part).read() for part in parts)
            self._write(run_id, name, merged(parts), data)  # which covers them, so that nothing is there twice
            self._drop(run_id, name, parts)

    def _write(self, run_id, name, piece, data):
        with self._reaching():
            self._files.pipe_file(self._path(run_id, name, str(piece)), data)
        self._remember(run_id, name, come={piece})

    def _drop(self, run_id, name, pieces):
        for piece in pieces:
            self._rm(self._path(run_id, name, str(piece)))
        self._remember(run_id, name, gone={*pieces})

    def _remember(self, run_id, name, come=frozenset(), gone=frozenset()):
        """What was changed here is known before the next listing, and after one that began before."""
        with self._lock:
            now = time.monotonic()
            while self._changes and now - self._changes[0][0] > REMEMBERED:
                self._changes.popleft()
            self._changes.append((now, run_id, name, come, gone))
            when, names = self._looks.get(run_id, (-FRESH, None))
            if names is not None:
                self._looks[run_id] = when, names | {name: (names.get(name, frozenset()) | come) - gone}

    def _found(self, run_id):
        """``{path: what is known of it}`` of all that lies below a run."""
        top = self._path(run_id)
        for left in reversed(range(LOOKS)):  # some stumble over what goes meanwhile
            with contextlib.suppress(*[FileNotFoundError] * (left > 0)), self._reaching(absent=left > 0):
                found = self._files.find(top, detail=True)
                return {path: told for path, told in found.items() if f"{top}/" in path}

    def _listed(self, run_id):
        when, top, names, there = time.monotonic(), self._path(run_id) + "/", {}, False
        for path, told in self._found(run_id).items():
            name, _, last = path.partition(top)[2].rpartition("/")
            there |= not name and last == MARKER
            piece = Piece.of(last)
            if name and piece is not None and told.get("size") == piece.size:
                names.setdefault(name, set()).add(piece)
        if not there:
            self._looks.pop(run_id, None)
            return None
        with self._lock:
            for changed, run, name, come, gone in self._changes:
                if run == run_id and changed >= when:
                    names[name] = (names.get(name, set()) | come) - gone
            names = {name: frozenset(pieces) for name, pieces in names.items()}
            if self._looks.get(run_id, (-FRESH,))[0] <= when:
                self._looks[run_id] = when, names
        return names

    def _path(self, *parts):
        return "/".join([self._place, *parts])

    @contextlib.contextmanager
    def _reaching(self, absent=False):
        """Every trouble is told; that something is not there is none where it may be ``absent``."""
        try:
            yield
        except (UserError, FileExistsError):
            raise
        except FileNotFoundError as error:
            if absent:
                raise
            raise Unreachable(f"There is no {self.protocol}://{self._place} ({_reason(error)}); make the bucket, or correct "
                              "GAN_ARTIFACTS.") from error
        except Exception as error:  # each library has its own
            raise Unreachable(f"Artifacts at {self.protocol}://{self._place} cannot be reached ({_reason(error)}); see "
                              "`python -m gan_core doctor`.") from error

    # For those who look after it

    def probe(self):
        """``(packages' versions, seconds)``: write something, read it and remove it.  Raises :class:`Unreachable`."""
        path, began = self._path(f".probe-{secrets.token_hex(4)}"), time.monotonic()
        with self._reaching():
            self._files.pipe_file(path, b"probe")
            self._files.cat_file(path)
            self._files.rm_file(path)
        return versions(self.protocol), time.monotonic() - began


def _fresh_for(names):
    newest = max((piece.last for pieces in names.values() for piece in pieces), default=0)
    return min(max((time.time() - newest / 1e9) * SHARE, FRESH), LONGEST_FRESH) if newest else FRESH


def versions(protocol):
    """``{package: version}`` of what opens a protocol."""
    from importlib import metadata

    found = {}
    for name in ("fsspec", PACKAGES.get(protocol, "")):
        with contextlib.suppress(metadata.PackageNotFoundError, ValueError):
            found[name] = metadata.version(name)
    return found


def _opened(protocol, place):
    """``(file system, path)``; nothing is asked of it yet."""
    package = PACKAGES.get(protocol, "fsspec")
    if missing := [name for name in ("fsspec", package) if importlib.util.find_spec(name) is None]:
        known = "-r requirements-cluster.txt" if package in ("s3fs", "fsspec") else package
        raise StoreError(f"Artifacts at {protocol}:// need the package {missing[-1]}: `pip install {known}`.")
    from fsspec.core import url_to_fs

    try:
        files, path = url_to_fs(f"{protocol}://{place}", **OPTIONS.get(protocol, {}))
    except (ValueError, ImportError, TypeError) as error:
        raise StoreError(f"fsspec cannot open {protocol}:// ({_reason(error)}); correct GAN_ARTIFACTS.") from None
    if hasattr(files, "retries"):
        files.retries = 1  # what does not answer is told at once, and tried again by who sends
    return files, path


def _reason(error):
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300].rstrip(".")


SCHEMES = {scheme: functools.partial(Store, scheme=scheme) for scheme in (*PACKAGES, OTHERS)}
