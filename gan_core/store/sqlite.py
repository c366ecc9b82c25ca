"""SQLite files, opened so that reading needs no writing: on a full disk, too, and where nothing may be written."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

PATIENCE = 30.0  # seconds for which others may write
FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")  # the second where the index of what was written last has no room


class ReadingOnly(sqlite3.Connection):
    """A connection to a file beside which nothing can be written; ``why`` is the error that told so."""

    why, copy, path = None, None, None

    def close(self):
        super().close()
        if self.copy is not None:
            self.copy.cleanup()


class InMemory(ReadingOnly):
    """All of what a :class:`ReadingOnly` shows, in memory, where it can be brought to newer tables."""

    state = None

    @classmethod
    def of(cls, shown):
        copy = sqlite3.connect(":memory:", check_same_thread=False, factory=cls)
        copy.isolation_level, copy.why, copy.path, copy.state = None, shown.why, shown.path, _state(shown.path)
        shown.backup(copy)
        return copy

    def is_old(self):
        """Whether somebody has written since."""
        return self.state != _state(self.path)


def _state(path):
    """Of a database's files: another one when somebody has written, or may write here by now."""
    found = []
    for file in (path, f"{path}-wal"):
        with contextlib.suppress(OSError):
            status = os.stat(file)
            found.append((file, status.st_size, status.st_mtime_ns, status.st_mode, status.st_ino))
    return found


def listen(engine, tuned):
    """Prepare an engine; ``tuned`` says whether its connections are from :func:`connect`."""
    if not tuned:
        sa.event.listen(engine, "connect", lambda connection, _: tune(connection))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(
        "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN"))
    # What was opened in another way must be opened anew each time: somebody may have made room.
    sa.event.listen(engine, "checkin", lambda connection, record: record.invalidate() if isinstance(
        connection, ReadingOnly) and not isinstance(connection, InMemory) else None)


def connect(path):
    """A connection to a file, :class:`ReadingOnly` where it can be read and not written."""
    connection = sqlite3.connect(path, PATIENCE, check_same_thread=False)
    try:
        tune(connection)
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()  # opens all files that it needs
        return connection
    except sqlite3.OperationalError as error:
        connection.close()
        if not os.path.isfile(path) or not os.path.getsize(path) or "locked" in str(error):
            raise
        shown = _reading_only(path, error)
        shown.path = path
        return shown


def can_be_written(path):
    """Whether it can be by now."""
    try:
        with contextlib.closing(connect(path)) as connection:
            return not isinstance(connection, ReadingOnly)
    except sqlite3.Error:
        return False


def tune(connection):
    """Readers and a writer at once; safe against crashes of the program, while a power cut may cost a second."""
    connection.isolation_level = None  # SQLAlchemy's BEGIN, not the driver's
    connection.execute(f"PRAGMA busy_timeout = {1000 * PATIENCE:.0f}")
    deadline = time.monotonic() + PATIENCE
    while True:  # the change of a new file is the one thing SQLite does not wait for by itself
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = NORMAL")


def is_full(error):
    """Whether an error of the driver says that the disk is full."""
    return getattr(error, "sqlite_errorname", "") in FULL or "full" in str(error)


def _reading_only(path, error):
    log = Path(f"{path}-wal")
    if not log.exists() or not log.stat().st_size:
        return _opened(f"{Path(path).absolute().as_uri()}?immutable=1", error)
    # What was written last is in the log, which needs an index.
    try:
        return _locked(path, error)
    except sqlite3.OperationalError:
        return _copied(path, log, error)


def _locked(path, error):
    """The index is in memory, where the file is ours alone."""
    connection = _opened(f"{Path(path).absolute().as_uri()}?mode=rw", error)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError:
        connection.close()
        raise
    return connection


def _copied(path, log, error):
    """The index is beside a copy."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="gan-")
        for file in (path, log):
            shutil.copy(file, folder.name)
    except OSError:
        raise error from None
    connection = _opened(Path(folder.name, Path(path).name).as_uri(), error)
    connection.copy = folder
    return connection


def _opened(uri, error):
    connection = sqlite3.connect(uri, PATIENCE, uri=True, check_same_thread=False, factory=ReadingOnly)
    connection.isolation_level, connection.why = None, error
    return connection
