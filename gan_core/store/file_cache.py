"""Copies, on this disk, of what lies elsewhere and never changes: as many bytes as they may take, the last used."""

import contextlib
import hashlib
import io
import os
from pathlib import Path

from gan_core.whole_files import write_whole

LOOKED_AFTER = 16  # the room is measured once a sixteenth of it was written


class FileCache:
    """Files by keys.  A disk that is full or cannot be written costs speed and nothing else.

    Args:
        folder: is made when it is needed.
        most: bytes; 0 keeps nothing.
    """

    def __init__(self, folder, most):
        self._folder, self._most, self._written = Path(folder), most, most

    def get(self, key):
        """The file of a key, open for reading, or None."""
        path = self._path(key)
        try:
            file = open(path, "rb")
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the last used stay
        return file

    def keep(self, key, data):
        """Keep these bytes; gives them as an open file, wherever they are."""
        if len(data) <= self._most // 2:
            with contextlib.suppress(OSError):
                write_whole(self._path(key), data)
                self._wrote(len(data))
        return io.BytesIO(data)

    def take(self, key, path):
        """Make a file one of the cache, or remove it where it is too large for that; the caller has no use for it."""
        size = os.stat(path).st_size
        if size <= self._most // 2:
            with contextlib.suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                os.replace(path, self._path(key))
                return self._wrote(size)
        Path(path).unlink(missing_ok=True)

    def _wrote(self, size):
        self._written += size
        if self._written > self._most // LOOKED_AFTER:
            self.make_room()

    def size(self):
        """Bytes that are kept."""
        return sum(size for _, size, _ in self._kept())

    def make_room(self):
        """Let go of those that were not used for longest, until the rest fits."""
        kept, self._written = sorted(self._kept()), 0
        room = sum(size for _, size, _ in kept)
        for _, size, path in kept:
            if room <= self._most:
                break
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
                room -= size

    def _kept(self):
        """``(when used, bytes, path)`` of each."""
        found = []
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                with contextlib.suppress(OSError):
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
        return found

    def _path(self, key):
        return self._folder / hashlib.sha256(key.encode()).hexdigest()
