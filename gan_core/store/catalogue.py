"""The catalogue in SQL: SQLAlchemy Core, SQLite by default, nothing that PostgreSQL would not take."""

import contextlib
import dataclasses
import json
import math
import threading
import time

import sqlalchemy as sa

from gan_core import visitors
from gan_core.errors import BadInput, DiskFull, StoreError, Superseded
from gan_core.store import blocks, migrations, postgresql, sqlite
from gan_core.store.run import ACTIVE, ELSEWHERE, ENDED, LOST, QUEUED, RUNNING, Run
from gan_core.store.tables import leases, metrics, notices, runs, schema, settings, upsert

ONE_AT_A_TIME = 0x67616E  # the number of PostgreSQL's lock for those who migrate: any that nobody else takes
FIELDS = {f.name for f in dataclasses.fields(Run)}
# Of runs, with JSON as the text that it is, where the driver gives that: to compare is cheaper than to read it.
AS_KEPT = [sa.type_coerce(column, sa.Text).label(column.name) if isinstance(column.type, sa.JSON) else column
           for column in runs.c]
PACKED_AT_ONCE = 8 * blocks.SIZE  # rows: for so long others wait that would write


class Catalogue:
    """Runs, metric rows, settings and leases in one database."""

    def __init__(self, url, guard=None, **engine_options):
        # A database that has one connection only needs its users one at a time.
        self._guard = guard or contextlib.nullcontext()
        self._known = {}  # runs that were listed: ``{id: (row, Run)}``
        self._unpacked = {}  # rows of each run, since this process has looked at it last
        self.engine = self._kept = _engine(url, **engine_options)
        self._copy = None  # of older tables that cannot be written here
        self._migrate()

    def _migrate(self):
        """Bring the tables to the newest revision: all of it or nothing, and nothing is written where that is done."""
        with self._reading() as connection:
            revision = revision_of(connection)
            if revision == migrations.NEWEST:
                return
            if revision and isinstance(shown := connection.connection.dbapi_connection, sqlite.ReadingOnly):
                self._copy = sqlite.InMemory.of(shown)
        if self._copy is not None:
            return self._read_copy(revision)
        with self._changing() as connection:
            if connection.dialect.name == "postgresql":  # which lets many write at once
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
            # Asked again: whoever held the lock for writing before us may have done it.
            revision = revision_of(connection)
            if revision == 0:
                schema.create_all(connection)
            elif revision < migrations.NEWEST:
                migrations.upgrade(connection, revision)
            else:
                return
            connection.execute(upsert(connection, settings).values(name="schema", value=str(migrations.NEWEST)))

    def _read_copy(self, revision):
        """To look at an older workspace nothing needs to be written: a copy of its tables becomes new, in memory."""
        if isinstance(self._guard, contextlib.nullcontext):
            self._guard = threading.RLock()  # there is one connection to it
        self.engine = _engine("sqlite://", creator=lambda: self._copy, poolclass=sa.pool.StaticPool)
        with self._explained(), self.engine.connect() as connection, connection.begin():
            migrations.upgrade(connection, revision)
            connection.execute(upsert(connection, settings).values(name="schema", value=str(migrations.NEWEST)))

    def _look_again(self, writes=False):
        """Leave the copy when what it was made of has changed, or can be written by now."""
        if self._copy is not None and (self._copy.is_old() or writes and sqlite.can_be_written(self._copy.path)):
            self.engine.dispose()
            self.engine, self._copy = self._kept, None
            self._migrate()

    @contextlib.contextmanager
    def _explained(self):
        try:
            yield
        except sa.exc.DBAPIError as error:
            if self.engine.dialect.name == "postgresql":
                raise postgresql.in_words(error.orig, self.address) from error
            raise _in_words(error.orig) from error
        except sa.exc.TimeoutError as error:  # all connections of this process are in use
            raise StoreError("The catalogue has more to do than it can; try again.") from error
        except UnicodeEncodeError as error:  # bytes of a command line or of a file's name that are no UTF-8
            raise BadInput(f"{ascii(error.object)[:80]} is no text that can be kept or looked for: it has bytes that are "
                           "not UTF-8; write it in letters.") from None

    @property
    def address(self):
        """Where it is, for people: no password is in it."""
        url = self._kept.url
        return f"{url.host or 'this machine'}{f':{url.port}' if url.port else ''}/{url.database}"

    @contextlib.contextmanager
    def _reading(self):
        with self._guard, self._explained():
            self._look_again()
            with self.engine.connect() as connection:
                yield connection

    def _writing(self):
        """A connection in a transaction that changes what is kept; for visitors there is none."""
        visitors.refuse()
        return self._changing()

    @contextlib.contextmanager
    def _changing(self):
        # SQLite: take the write lock at the start, or two that read first and write then would deadlock.
        with self._guard, self._explained():
            self._look_again(writes=True)
            with self.engine.connect() as connection:
                if isinstance(opened := connection.connection.dbapi_connection, sqlite.ReadingOnly):
                    raise _in_words(opened.why)
                with connection.execution_options(writes=True).begin():
                    yield connection

    def create(self, run, along=None):
        with self._writing() as connection:
            if along is not None:
                along(connection)
            connection.execute(runs.insert().values(**_values(dataclasses.asdict(run))))
        return run

    def get(self, run_id):
        with self._reading() as connection:
            rows = connection.execute(runs.select().where(runs.c.id == run_id)).mappings().all()
            if not rows and run_id:
                rows = connection.execute(
                    runs.select().where(runs.c.id.startswith(run_id, autoescape=True)).limit(2)).mappings().all()
        if len(rows) != 1:
            raise BadInput(_no_run(run_id, "Several runs start with" if rows else "There is no run"))
        return _run(rows[0])

    def list(self, statuses=None):
        query = sa.select(*AS_KEPT).order_by(runs.c.created.desc(), runs.c.id.desc())
        if statuses is not None:
            query = query.where(runs.c.status.in_(tuple(statuses)))
        with self._reading() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        # Of thousands of runs few change between two looks: whoever lists them, there is one of each in memory.
        known = {row[0]: pair if (pair := self._known.get(row[0])) and pair[0] == row else (row, _run_as_kept(row))
                 for row in rows}
        self._known = known if statuses is None else self._known | known
        return [run for _, run in known.values()]

    def update(self, run_id, *, only_attempt=None, **fields):
        if "status" in fields:
            raise TypeError("change a status with move()")
        query = runs.update().where(runs.c.id == run_id, *_held_by(only_attempt)).values(**_values(fields))
        with self._writing() as connection:
            if connection.execute(query).rowcount == 0 and only_attempt is not None:
                raise _superseded(connection, run_id, only_attempt)

    def move(self, run_id, to, *, only_from, only_attempt=None, **fields):
        query = runs.update().where(runs.c.id == run_id, runs.c.status.in_(tuple(only_from)))
        if only_attempt is not None:
            query = query.where(runs.c.attempt == only_attempt)
        with self._writing() as connection:
            return connection.execute(query.values(status=to, **_values(fields))).rowcount == 1

    def claim(self, run_id, *, parallel, **fields):
        # Those of other programs are not ours to wait for.
        active = (sa.select(sa.func.count()).where(runs.c.status.in_(ACTIVE), runs.c.architecture != ELSEWHERE)
                  .scalar_subquery())
        other = runs.alias()
        first = (sa.select(other.c.id).where(other.c.status == QUEUED).order_by(other.c.queued, other.c.id)
                 .limit(1).scalar_subquery())
        query = runs.update().where(runs.c.id == run_id, runs.c.status == QUEUED, active < parallel,
                                    runs.c.id == first)
        with self._writing() as connection:
            postgresql.one_at_a_time(connection)
            now = time.time()  # after the wait for other writers: a run does not start before the last one has ended
            # Counted in the database: who counted from what it had read could give a number a second time.
            values = _values(fields) | {"status": RUNNING, "started": now, "heartbeat": now, "attempt": runs.c.attempt + 1}
            return connection.execute(query.values(**values).returning(runs.c.attempt)).scalar() or 0

    def delete(self, run_id):
        with self._writing() as connection:
            # Nobody may queue it again between our look and the end.  (SQLite has one writer anyway.)
            status = connection.scalar(sa.select(runs.c.status).where(runs.c.id == run_id).with_for_update())
            if status is None:
                raise BadInput(_no_run(run_id))
            if status not in ENDED:
                raise BadInput(f"This run is {status}; stop it before you delete it.")
            blocks.forget(connection, run_id)
            connection.execute(metrics.delete().where(metrics.c.run_id == run_id))
            connection.execute(notices.delete().where(notices.c.run == run_id))
            connection.execute(runs.delete().where(runs.c.id == run_id))

    def add_rows(self, run_id, rows, *, only_attempt=None):
        # Plain numbers: SQLite would keep NumPy's as blobs.
        rows = list({(step, key): dict(run_id=run_id, step=int(step), key=key, time=float(time),
                                       value=float(value) if math.isfinite(value) else None)
                     for step, key, value, time in rows}.values())
        if not rows:
            return
        with self._writing() as connection:
            _check(connection, run_id, only_attempt)
            blocks.forget(connection, run_id, after=min(row["step"] for row in rows) - 1)
            connection.execute(upsert(connection, metrics), rows)  # what a killed attempt may have left is replaced
        # Looked at now and then: what other processes have added counts, too.
        self._unpacked[run_id] = self._unpacked.get(run_id, blocks.SIZE) + len(rows)
        if self._unpacked[run_id] >= blocks.SIZE:
            self._unpacked[run_id] = self._pack(run_id, blocks.SIZE)

    def rows(self, run_id, *, keys=None, after=-1):
        if after < 0:
            with contextlib.suppress(StoreError):  # it is but slower where nothing can be written
                self._pack(run_id, from_rows=4 * blocks.SIZE)  # older versions have packed nothing
        with self._reading() as connection:
            return blocks.read(connection, run_id, keys, after)

    def spoiled_rows(self, run_id):
        with self._reading() as connection:
            return blocks.spoiled(connection, run_id)

    def cut(self, run_id, step, *, only_attempt=None):
        with self._writing() as connection:
            _check(connection, run_id, only_attempt)
            blocks.forget(connection, run_id, after=step)
            connection.execute(metrics.delete().where(metrics.c.run_id == run_id, metrics.c.step > step))

    def _pack(self, run_id, from_rows):
        """Pack rows where at least so many are not.  How many are left, counted up to that."""
        while True:
            with self._reading() as connection:
                left = blocks.unpacked(connection, run_id, from_rows)
            if left < from_rows:
                return left
            with self._writing() as connection:
                if not blocks.pack(connection, run_id, PACKED_AT_ONCE):
                    return 0

    def setting(self, name, default=""):
        with self._reading() as connection:
            value = connection.scalar(sa.select(settings.c.value).where(settings.c.name == name))
        return default if value is None else value

    def set(self, name, value):
        with self._writing() as connection:
            connection.execute(upsert(connection, settings).values(name=name, value=str(value)))

    def lease(self, name, holder, seconds):
        with self._writing() as connection:
            now = time.time()  # after the wait for other writers
            free = (leases.c.until <= now) | (leases.c.holder == holder)
            query = upsert(connection, leases, where=free).values(name=name, holder=holder, until=now + seconds)
            # Of an INSERT, not every driver says how many rows there were.
            return connection.scalar(query.returning(leases.c.holder)) is not None

    def holder(self, name):
        query = sa.select(leases.c.holder).where(leases.c.name == name, leases.c.until > time.time())
        with self._reading() as connection:
            return connection.scalar(query) or ""

    def release(self, name, holder):
        with self._writing() as connection:
            connection.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))

    def compact(self):
        """Give back the room that SQLite takes for what was written last, where it can be had."""
        if self.engine.dialect.name == "sqlite":
            with contextlib.suppress(StoreError), self._reading() as connection:
                connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self):
        self.engine.dispose()
        self._kept.dispose()


def _engine(url, **options):
    if str(url).startswith("postgresql"):
        options = postgresql.options() | options
    engine = sa.create_engine(url, json_deserializer=_lenient, **options)
    if engine.dialect.name == "sqlite":
        sqlite.listen(engine, tuned="creator" in options)
    return engine


def revision_of(connection):
    """Of the tables that are there, 0 when there are none; :class:`StoreError` when it is newer than we know."""
    if not sa.inspect(connection).has_table("settings"):
        return 0
    kept = connection.scalar(sa.select(settings.c.value).where(settings.c.name == "schema"))
    try:
        revision = int(kept or 0)
    except ValueError:
        raise _in_words(ValueError(f"malformed number of the schema: {str(kept)[:40]!r}")) from None
    if revision > migrations.NEWEST:
        raise StoreError(f"This workspace was made by a newer version (schema {revision}, this one knows "
                         f"{migrations.NEWEST}); update the workbench or choose another workspace.")
    return revision


def _held_by(attempt):
    """The conditions under which a run is that attempt's; it is while it is taken for lost, until it is queued again."""
    return () if attempt is None else (runs.c.attempt == attempt, runs.c.status.in_((*ACTIVE, LOST)))


def _check(connection, run_id, attempt):
    """Raise :class:`Superseded` where the run is not this attempt's; if it is, it stays so to the end of the transaction."""
    if attempt is not None:
        mine = sa.select(runs.c.id).where(runs.c.id == run_id, *_held_by(attempt))
        # A claim by another must wait for us, or its cut would miss our rows.  (SQLite has one writer anyway.)
        if connection.scalar(mine.with_for_update(read=True)) is None:
            raise _superseded(connection, run_id, attempt)


def _superseded(connection, run_id, attempt):
    now = connection.execute(sa.select(runs.c.status, runs.c.attempt).where(runs.c.id == run_id)).first()
    if now is None:
        return BadInput(_no_run(run_id))
    return Superseded(f"Attempt {attempt} of this run was taken for dead, and the run is not its own any more: it is "
                      f"{now.status} at attempt {now.attempt}; this process ends and writes nothing more.")


def _no_run(run_id, problem="There is no run"):
    return f"{problem} {run_id!r}; `python -m gan_core runs` lists them."


def _values(fields):
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"a run has no {', '.join(sorted(unknown))}")
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return {name: json.loads(json.dumps(value)) if name in ("spec", "facts", "tags", "handle", "parent") else value
            for name, value in plain.items()}


def _run_as_kept(row):
    """The :class:`Run` of a row of :data:`AS_KEPT`."""
    return _run({column.name: _lenient(value) if isinstance(column.type, sa.JSON) and isinstance(value, str) else value
                 for column, value in zip(runs.c, row)})


def _run(row):
    return Run.of(row)


def _lenient(text):
    """JSON as it stands in a column; None where it is none, which its reader finds out and tells: of many rows one that is
    damaged must not hide the others."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _in_words(error):
    """The :class:`StoreError` that tells of an error of the driver."""
    reason = str(error)
    if sqlite.is_full(error):
        return DiskFull(f"The workspace is on a full disk; make room, by deleting runs or data, and try again ({reason}).")
    if "readonly" in reason or "unable to open" in reason:
        advice = "cannot be written; check its permissions or choose another with --workspace or GAN_WORKSPACE"
    elif "malformed" in reason or "not a database" in reason:
        advice = "has a damaged catalogue; put back a copy of catalogue.sqlite or choose another workspace"
    else:
        advice = "could not be read or written; try again"
    return StoreError(f"The workspace {advice} ({reason}).")
