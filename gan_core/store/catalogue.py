"""The catalogue in SQL: SQLAlchemy Core, SQLite by default, nothing that PostgreSQL would not take."""

import contextlib
import dataclasses
import json
import math
import sqlite3
import time

import sqlalchemy as sa

from gan_core.errors import BadInput, StoreError
from gan_core.store.run import ACTIVE, ENDED, QUEUED, RUNNING, Rows, Run

VERSION = 1  # of the schema below; raise it with every change and say in `_migrate` how to get there

schema = sa.MetaData()

runs = sa.Table(
    "runs", schema,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("architecture", sa.String(80), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("steps", sa.BigInteger, nullable=False),
    sa.Column("spec", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Double, nullable=False)
      for name in ("created", "queued", "started", "ended", "heartbeat", "seconds", "born")),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("pid", sa.BigInteger, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
)

metrics = sa.Table(
    "metrics", schema,
    sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("value", sa.Double),  # NULL is NaN, which SQLite cannot hold
    sa.Column("time", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)

settings = sa.Table(
    "settings", schema,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

FIELDS = {f.name for f in dataclasses.fields(Run)}


class Catalogue:
    """Runs, metric rows and settings in one database."""

    def __init__(self, url, guard=None, **engine_options):
        # A database that has one connection only needs its users one at a time.
        self._guard = guard or contextlib.nullcontext()
        self.engine = sa.create_engine(url, **engine_options)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _tune_sqlite)
            sa.event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql(
                "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN"))
        self._migrate()

    def _migrate(self):
        with self._reading() as connection:
            if sa.inspect(connection).has_table("settings"):
                found = connection.scalar(sa.select(settings.c.value).where(settings.c.name == "schema"))
                if found and int(found) > VERSION:
                    raise StoreError(f"This workspace was made by a newer version (schema {found}, this one knows "
                                     f"{VERSION}); update the workbench or choose another workspace.")
                if found and all(sa.inspect(connection).has_table(name) for name in schema.tables):
                    return
        with self._writing() as connection:
            schema.create_all(connection)
            if connection.scalar(sa.select(settings.c.value).where(settings.c.name == "schema")) is None:
                connection.execute(settings.insert().values(name="schema", value=str(VERSION)))

    @contextlib.contextmanager
    def _reading(self):
        with self._guard, _explained(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self):
        # SQLite: take the write lock at the start, or two that read first and write then would deadlock.
        with self._guard, _explained(), self.engine.connect() as connection:
            with connection.execution_options(writes=True).begin():
                yield connection

    def create(self, run):
        with self._writing() as connection:
            connection.execute(runs.insert().values(**_values(dataclasses.asdict(run))))
        return run

    def get(self, run_id):
        with self._reading() as connection:
            found = connection.execute(runs.select().where(runs.c.id == run_id)).mappings().all()
            if not found and len(run_id) >= 4:
                found = connection.execute(
                    runs.select().where(runs.c.id.startswith(run_id, autoescape=True)).limit(2)).mappings().all()
        if len(found) != 1:
            raise BadInput(_no_run(run_id, "Several runs start with" if found else "There is no run"))
        return _run(found[0])

    def list(self, statuses=None):
        query = runs.select().order_by(runs.c.created.desc(), runs.c.id.desc())
        if statuses is not None:
            query = query.where(runs.c.status.in_(tuple(statuses)))
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query).mappings()]

    def update(self, run_id, **fields):
        if "status" in fields:
            raise TypeError("change a status with move()")
        with self._writing() as connection:
            connection.execute(runs.update().where(runs.c.id == run_id).values(**_values(fields)))

    def move(self, run_id, to, *, only_from, **fields):
        query = runs.update().where(runs.c.id == run_id, runs.c.status.in_(tuple(only_from)))
        with self._writing() as connection:
            return connection.execute(query.values(status=to, **_values(fields))).rowcount == 1

    def claim(self, run_id, *, parallel, **fields):
        active = sa.select(sa.func.count()).where(runs.c.status.in_(ACTIVE)).scalar_subquery()
        other = runs.alias()
        first = (sa.select(other.c.id).where(other.c.status == QUEUED).order_by(other.c.queued, other.c.id)
                 .limit(1).scalar_subquery())
        query = runs.update().where(runs.c.id == run_id, runs.c.status == QUEUED, active < parallel,
                                    runs.c.id == first)
        with self._writing() as connection:
            now = time.time()  # after the wait for other writers: a run does not start before the last one has ended
            return connection.execute(query.values(status=RUNNING, started=now, heartbeat=now,
                                                   **_values(fields))).rowcount == 1

    def delete(self, run_id):
        with self._writing() as connection:
            status = connection.scalar(sa.select(runs.c.status).where(runs.c.id == run_id))
            if status is None:
                raise BadInput(_no_run(run_id))
            if status not in ENDED:
                raise BadInput(f"This run is {status}; stop it before you delete it.")
            connection.execute(metrics.delete().where(metrics.c.run_id == run_id))
            connection.execute(runs.delete().where(runs.c.id == run_id))

    def add_rows(self, run_id, rows):
        # Plain numbers: SQLite would keep NumPy's as blobs.
        rows = list({(step, key): dict(run_id=run_id, step=int(step), key=key, time=float(time),
                                       value=float(value) if math.isfinite(value) else None)
                     for step, key, value, time in rows}.values())
        if not rows:
            return
        first = min(row["step"] for row in rows)
        with self._writing() as connection:
            # Replaces what a killed attempt may have left; ON CONFLICT is spelt differently in each database.
            keys = {(row["step"], row["key"]) for row in rows}
            old = connection.execute(sa.select(metrics.c.step, metrics.c.key)
                                     .where(metrics.c.run_id == run_id, metrics.c.step >= first)).all()
            for step, key in old:
                if (step, key) in keys:
                    connection.execute(metrics.delete().where(
                        metrics.c.run_id == run_id, metrics.c.step == step, metrics.c.key == key))
            connection.execute(metrics.insert(), rows)

    def rows(self, run_id, *, keys=None, after=-1):
        query = (sa.select(metrics.c.step, metrics.c.key, metrics.c.value, metrics.c.time)
                 .where(metrics.c.run_id == run_id, metrics.c.step > after)
                 .order_by(metrics.c.step, metrics.c.key))
        if keys is not None:
            query = query.where(metrics.c.key.in_(tuple(keys)))
        with self._reading() as connection:
            return Rows.of(connection.execute(query).all())

    def cut(self, run_id, step):
        with self._writing() as connection:
            connection.execute(metrics.delete().where(metrics.c.run_id == run_id, metrics.c.step > step))

    def setting(self, name, default=""):
        with self._reading() as connection:
            found = connection.scalar(sa.select(settings.c.value).where(settings.c.name == name))
        return default if found is None else found

    def set(self, name, value):
        with self._writing() as connection:
            connection.execute(settings.delete().where(settings.c.name == name))
            connection.execute(settings.insert().values(name=name, value=str(value)))

    def close(self):
        self.engine.dispose()


def _no_run(run_id, problem="There is no run"):
    return f"{problem} {run_id!r}; `python -m gan_core runs` lists them."


def _values(fields):
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"a run has no {', '.join(sorted(unknown))}")
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return {name: json.loads(json.dumps(value)) if name in ("spec", "facts", "tags") else value
            for name, value in plain.items()}


def _run(row):
    return Run(**dict(row) | {"tags": tuple(row["tags"])})


def _tune_sqlite(connection, _):
    connection.isolation_level = None  # SQLAlchemy's BEGIN, not the driver's
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")  # safe against crashes of the program; a power cut may cost a second
    cursor.close()


def _use_wal(cursor, patience=30.0):
    """Readers and a writer at once.  The change of a new file is the one thing SQLite does not wait for by itself."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextlib.contextmanager
def _explained():
    try:
        yield
    except sa.exc.DBAPIError as error:
        reason = str(error.orig)
        if "readonly" in reason or "unable to open" in reason:
            advice = "cannot be written; check its permissions or choose another with --workspace or GAN_WORKSPACE"
        elif "full" in reason:
            advice = "is on a full disk; make room and resume the run"
        elif "malformed" in reason or "not a database" in reason:
            advice = "has a damaged catalogue; put back a copy of catalogue.sqlite or choose another workspace"
        else:
            advice = "could not be read or written; try again"
        raise StoreError(f"The workspace {advice} ({reason}).") from error
