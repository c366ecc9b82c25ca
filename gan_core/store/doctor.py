"""What is configured, whether it answers, can be written, and of which version it is: looked at, and nothing changed.

Each finding is one of a place.  No password is in any.
"""

import contextlib
import os
import shutil
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import sqlalchemy as sa

from gan_core.errors import StoreError, UserError
from gan_core.store import addresses, migrations, postgresql, sqlite
from gan_core.store.artifact_stores import open_artifact_store
from gan_core.store.catalogue import revision_of
from gan_core.store.file_cache import FileCache
from gan_core.store.outbox import waiting_in
from gan_core.store.tables import runs, settings
from gan_core.whole_files import try_to_write

_trying = threading.Lock()
LIMIT = 8.0  # seconds that a place may take to answer
PROBE = "probe"  # what is written to the settings and taken back


@dataclass(frozen=True)
class Finding:
    """One place.

    Attributes:
        what: "workspace", "catalogue" or "artifacts".
        where: for people.
        by: the variable that says so, "" for what is usual.
        ok: whether it can be worked with.
        words: what it is and what would be done, or what is wrong and what to do.
        facts: plain values: versions, counts, bytes, seconds.
    """

    what: str
    where: str
    by: str
    ok: bool
    words: str
    facts: dict = field(default_factory=dict)

    def as_dict(self):
        return asdict(self)


def findings(workspace):
    """The :class:`Finding` s of the workspace, the catalogue and the artifacts, all looked at side by side, within
    :data:`LIMIT`."""
    looks = {"workspace": _workspace, "catalogue": _catalogue, "artifacts": _artifacts}
    found = {}

    def look(what):
        try:
            found[what] = looks[what](Path(workspace))
        except UserError as error:
            sentence = str(error).replace("; see `python -m gan_core doctor`", "")  # one is here already
            found[what] = Finding(what, *_configured(what, workspace), False, sentence)
        except Exception as error:  # a library's own
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            found[what] = Finding(what, *_configured(what, workspace), False, f"It cannot be looked at ({reason[:200]}).")

    with contextlib.suppress(UserError):  # told by who looks
        if (url := addresses.artifacts_url()) and not url.startswith("file://"):
            open_artifact_store(url)  # to load a library takes a while, too, and is no sign of a server that does not answer
    threads = [threading.Thread(target=look, args=(what,), daemon=True) for what in looks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + LIMIT
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    return [found.get(what) or Finding(what, *_configured(what, workspace), False,
                                       f"It does not answer within {LIMIT:.0f} seconds; see whether its server runs and is "
                                       "not behind a firewall.") for what in looks]


def _configured(what, workspace):
    """``(where, by which variable)``."""
    variable = {"catalogue": addresses.CATALOGUE, "artifacts": addresses.ARTIFACTS}.get(what, "GAN_WORKSPACE")
    inside = {"catalogue": "catalogue.sqlite", "artifacts": "runs"}.get(what, "")
    told = os.environ.get(variable, "").strip()
    if what == "workspace" or not told:
        return str(Path(workspace) / inside), variable if what == "workspace" and told else ""
    return addresses.shown(told), variable


def _is_there(folder):
    """Whether a folder is there, which can be written or made; OSError where it cannot.  One at a time: to try it makes what
    is not there for a moment, and one folder lies in the other."""
    with _trying:
        try_to_write(folder / ".probe")
        return folder.exists()


def _workspace(workspace):
    where, by = _configured("workspace", workspace)
    try:
        there = _is_there(workspace)
    except (OSError, ValueError) as error:
        return Finding("workspace", where, by, False, f"It cannot be written ({getattr(error, 'strerror', error)}); check "
                       "its permissions, or choose another with --workspace or GAN_WORKSPACE.")
    top = next(folder for folder in (workspace, *workspace.parents) if folder.exists())
    free = shutil.disk_usage(top).free
    words = "It is there" if there else "It would be made"
    return Finding("workspace", where, by, True, f"{words}; {free / 10**9:,.1f} GB are free.", {"free": free})


def _catalogue(workspace):
    where, by = _configured("catalogue", workspace)
    url = addresses.catalogue_url()
    if not url:
        path = workspace / "catalogue.sqlite"
        if not path.exists():
            return Finding("catalogue", where, by, True, "SQLite; it would be made.", {"database": "SQLite"})
        engine = sa.create_engine("sqlite://", creator=lambda: sqlite.connect(path), poolclass=sa.pool.NullPool)
        sqlite.listen(engine, tuned=True)
    else:
        engine = sa.create_engine(url, **postgresql.options())
    try:
        with engine.connect() as connection:
            return Finding("catalogue", where, by, *_looked_at(connection))
    except sa.exc.DBAPIError as error:
        if url:
            raise postgresql.in_words(error.orig, f"{url.host or 'this machine'}/{url.database}") from error
        raise StoreError(f"It cannot be read ({error.orig}); put back a copy, or choose another workspace.") from error
    finally:
        engine.dispose()


def _looked_at(connection):
    """``(whether all is well, words, facts)``."""
    is_sqlite = connection.dialect.name == "sqlite"
    version = ".".join(map(str, connection.dialect.server_version_info or ()))
    name = f"{'SQLite' if is_sqlite else 'PostgreSQL'} {version}"
    facts = {"database": name.split()[0], "version": version, "schema": (revision := revision_of(connection)),
             "newest_schema": migrations.NEWEST}
    if not is_sqlite and "psycopg" in (driver := connection.dialect.driver):
        import psycopg

        facts["driver"] = f"{driver} {psycopg.__version__}"
    why = _may_not_write(connection, revision)
    if not revision:
        return not why, f"{name}; {why or f'its tables would be made, of schema {migrations.NEWEST}'}.", facts
    facts["runs"] = connection.scalar(sa.select(sa.func.count()).select_from(runs))
    then = (f"schema {revision}" if revision == migrations.NEWEST else
            f"schema {revision}, which would be brought to {migrations.NEWEST}")
    count = f"{facts['runs']:,} run{'s' * (facts['runs'] != 1)}"
    return not why, f"{name}; {then}; {count}; {why or 'it can be written'}.", facts


def _may_not_write(connection, revision):
    """Why the catalogue cannot be written, "" where it can; what is tried is taken back."""
    if isinstance(shown := connection.connection.dbapi_connection, sqlite.ReadingOnly):
        return f"it cannot be written ({shown.why}): check the permissions of the workspace and the room on its disk"
    try:
        if revision:
            connection.execute(settings.insert().values(name=f"{PROBE}-{os.getpid()}-{time.time_ns()}", value=""))
        elif connection.dialect.name == "postgresql":
            if not connection.scalar(sa.select(sa.func.has_schema_privilege(sa.func.current_schema(), "CREATE"))):
                return "it may not be written: this user has no right to make tables in it"
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0][:200]
        return f"it may not be written ({reason}): ask who looks after it for the right to"
    finally:
        connection.rollback()
    return ""


def _artifacts(workspace):
    where, by = _configured("artifacts", workspace)
    url = addresses.artifacts_url()
    place = None if not url or url.startswith("file://") else open_artifact_store(url)
    if not hasattr(place, "probe"):
        folder = Path(url.removeprefix("file://")) if url else workspace / "runs"
        try:
            there = _is_there(folder)
        except OSError as error:
            return Finding("artifacts", where, by, False, f"The folder cannot be written ({error.strerror}); check its "
                           "permissions.")
        return Finding("artifacts", where, by, True, "A folder; it can be written." if there else
                       "A folder; it would be made.")
    facts = {"cache_limit": addresses.cache_bytes(), "cache": FileCache(workspace / "cache" / "artifacts", 0).size()}
    waiting = waiting_in(workspace / "outbox")
    facts |= {"waiting": waiting[0] if waiting else 0, "waiting_bytes": waiting[1] if waiting else 0}
    words = f" {facts['waiting']:,} pieces wait here until they can be sent." if waiting else ""
    try:
        packages, seconds = place.probe()
    except StoreError as error:
        return Finding("artifacts", where, by, False, f"{error}{words}", facts)
    facts |= {"packages": packages, "seconds": round(seconds, 3)}
    packages = ", ".join(f"{name} {version}" for name, version in packages.items())
    return Finding("artifacts", where, by, True, f"{place.protocol} ({packages}); written, read and removed in "
                   f"{facts['seconds']:.2f} seconds; of {facts['cache_limit'] / 10**6:,.0f} MB for what is fetched "
                   f"{facts['cache'] / 10**6:,.0f} are used.{words}", facts)

