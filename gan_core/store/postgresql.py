"""PostgreSQL as the catalogue: its address, how long it is waited for, and its errors in words."""

import importlib.util
import json

import sqlalchemy as sa

from gan_core.errors import BadInput, DiskFull, StoreError
from gan_core.store import records
from gan_core.store.run import Unreachable

FORM = "write it as postgresql+psycopg://USER@HOST/DATABASE"
PACKAGE = "The catalogue in PostgreSQL needs the package psycopg: `pip install -r requirements-cluster.txt`."
CONNECT = 5  # seconds until a server that does not answer counts as unreachable
# A machine that went away without a word is noticed within seconds, and not after the two hours of TCP.
PATIENCE = {"connect_timeout": CONNECT, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
            "tcp_user_timeout": 15_000, "application_name": "gan_core",
            "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"}
CONNECTIONS = 5  # of each process; a server has a hundred
TURNS = 0x67616E01  # the number of the lock for those who count before they write: any that nobody else takes
# Classes of SQLSTATE.
DOWN, TOO_MANY, FULL, WRONG_VALUE = ("08", "57"), ("53300",), ("53100",), ("22",)


def checked(url):
    """An address with its driver; :class:`StoreError` where it is of another database, or psycopg is missing."""
    backend, _, driver = url.drivername.partition("+")
    if backend not in ("postgresql", "postgres") or driver not in ("", "psycopg"):
        raise StoreError(f"A catalogue lies in SQLite in the workspace, or in PostgreSQL; {FORM}, and not "
                         f"{url.drivername[:40]}://.")
    if not url.database:
        raise StoreError(f"The address of the catalogue names no database; {FORM}.")
    if importlib.util.find_spec("psycopg") is None:
        raise StoreError(PACKAGE)
    return url.set(drivername="postgresql+psycopg")


def options():
    """Of the engine."""
    return {"connect_args": dict(PATIENCE), "pool_pre_ping": True, "pool_size": CONNECTIONS, "pool_timeout": 30,
            "json_serializer": _as_json}


def one_at_a_time(connection):
    """Let those who count or look first and write then come one after the other, as SQLite does: two at once would both find
    room for one more."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TURNS)))


def in_words(error, where):
    """The :class:`gan_core.errors.UserError` that tells of an error of the driver; ``where`` is for people."""
    state, reason = getattr(error, "sqlstate", None) or "", _reason(error)
    if "password authentication failed" in reason or "no password supplied" in reason:
        return StoreError(f"The catalogue at {where} refuses the password ({reason}); put the right one into GAN_CATALOGUE, "
                          "PGPASSWORD or ~/.pgpass.")
    if "does not exist" in reason and "database" in reason:
        return StoreError(f"There is no database at {where} ({reason}); make it with `createdb`.")
    if state in FULL:
        return DiskFull(f"The catalogue at {where} is on a full disk; make room there, and try again ({reason}).")
    if "read-only transaction" in reason or "permission denied" in reason or state == "42501":
        return StoreError(f"The catalogue at {where} cannot be written ({reason}); ask who looks after it for the right to.")
    if state.startswith(WRONG_VALUE) or "NUL" in reason:
        return BadInput(f"What was to be kept in the catalogue cannot be ({reason}); write it shorter, in plain text.")
    if not state or state.startswith(DOWN) or state in TOO_MANY:
        return Unreachable(f"The catalogue at {where} cannot be reached ({reason}); see `python -m gan_core doctor`.")
    return StoreError(f"The catalogue at {where} could not be read or written ({reason}); try again.")


def _reason(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # Of several addresses that were tried the last line says what came of it.
    told = next((line for line in lines if "FATAL" in line or "failed" in line), lines[0] if lines else "no message")
    return told[-300:].rstrip(".")


def _as_json(value):
    """JSON as PostgreSQL checks it: what is no number is null."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(records.finite(value))
