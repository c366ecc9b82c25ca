"""Files that appear at once or not at all: written under a temporary name and moved, so that nobody reads half of one."""

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path

# What disks say that cannot be asked to write at once: some network disks, and folders on some systems.
CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EISDIR, errno.EBADF)


def write_whole(path, data):
    """Write bytes to ``path`` at once or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(data)


def place(partial, path):
    """Move a whole file to its name.  It is on the disk before it is called so: a power cut leaves the old one or the new
    one, and never an empty one under the name."""
    _sync(partial, os.O_RDWR)
    os.replace(partial, path)
    if hasattr(os, "O_DIRECTORY"):  # not on Windows, where a folder cannot be opened
        _sync(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)


def _sync(path, flags):
    try:
        number = os.open(path, flags)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as error:
        if error.errno not in CANNOT_SYNC:
            raise


def try_to_write(path):
    """Raise the OSError that :func:`write_whole` would raise for want of a place; nothing is left behind."""
    path = Path(path)
    missing = [folder for folder in Path(os.path.realpath(path)).parents if not os.path.lexists(folder)]
    trial = replacing(path)
    try:
        partial = trial.__enter__()
        if partial != trial.path:
            partial.touch()
            partial.unlink()
    finally:
        for folder in missing:  # the deepest first
            with contextlib.suppress(OSError):
                folder.rmdir()


class replacing:
    """``with replacing(path) as partial``: write to ``partial``; it becomes ``path`` if all goes well.

    A link stays one, and what it points to is replaced.  What is no file, such as a device or a pipe, is written to and
    never replaced: there ``partial`` is ``path``.  A folder is an IsADirectoryError.
    """

    def __init__(self, path):
        self.path = Path(path)

    def __enter__(self):
        with contextlib.suppress(FileNotFoundError):
            mode = os.stat(self.path).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
            if not stat.S_ISREG(mode) or self.path.absolute().parts[1:2] in (("dev",), ("proc",)):  # /dev/stdout is a link
                self.partial = self.path
                return self.partial
        self.path = Path(os.path.realpath(self.path))
        # Short, for names may be as long as the disk lets them; the suffix stays: some writers (Keras) insist on theirs.
        self.partial = self.path.with_name(f".partial-{os.getpid()}-{secrets.token_hex(4)}{self.path.suffix}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.partial

    def __exit__(self, error, *_):
        if self.partial == self.path:
            return
        try:
            if error is None:
                place(self.partial, self.path)
        finally:
            with contextlib.suppress(OSError):
                self.partial.unlink(missing_ok=True)  # unless it has become ``path``
