"""The catalogue of an older version becomes today's: whole or not at all, once, whoever opens it."""

import contextlib
import sqlite3
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from gan_core.errors import StoreError
from gan_core.store import ENDED, DiskStore, MemoryStore, migrations, sqlite, tables
from helpers_runs import PATIENCE, PROJECT, is_a_sentence, make_run, start_python

KEPT = Path(__file__).parents[1] / "fixtures" / "workspace-schema-1.zip"
# What an upgrade may change of a run, besides what it adds.
GONE = {"pid", "born", "host"}


@pytest.fixture
def old(tmp_path):
    """A workspace of revision 1."""
    with zipfile.ZipFile(KEPT) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "workspace"


def rows_of(workspace):
    """``({table: rows as dicts}, schema)`` as SQLite has them, whatever the version."""
    with contextlib.closing(sqlite3.connect(workspace / "catalogue.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        names = [name for name, in map(tuple, connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))]
        found = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}
        schema = sorted(text for text, in map(tuple, connection.execute("SELECT sql FROM sqlite_master")) if text)
    return found, schema


def described(connection):
    """Tables, columns, keys and indexes, as the database tells them."""
    inspector = sa.inspect(connection)
    return {name: ([(column["name"], str(column["type"]), column["nullable"], column["default"])
                    for column in sorted(inspector.get_columns(name), key=lambda column: column["name"])],
                   inspector.get_pk_constraint(name)["constrained_columns"],
                   [(key["constrained_columns"], key["referred_table"], key["options"])
                    for key in inspector.get_foreign_keys(name)],
                   sorted((index["name"], tuple(index["column_names"]), index["unique"])
                          for index in inspector.get_indexes(name)))
            for name in inspector.get_table_names()}


def test_the_revisions_lead_to_the_tables_of_a_new_workspace():
    with contextlib.closing(MemoryStore()) as store, contextlib.closing(sa.create_engine("sqlite://").connect()) as empty:
        migrations.upgrade(empty, 0)
        with store._reading() as connection:
            assert described(empty) == described(connection)
        assert set(described(empty)) == set(tables.schema.tables)


def test_the_workspace_of_an_older_version_is_upgraded_and_loses_nothing(old):
    before, _ = rows_of(old)
    for _ in range(2):  # the second time there is nothing to do
        with contextlib.closing(DiskStore(old)) as store:
            assert store.setting("schema") == str(migrations.NEWEST)
            after, _ = rows_of(old)
            for table, rows in before.items():
                rows = [row for row in rows if row.get("name") != "schema"]
                kept = [{column: row[column] for column in rows[0] if column not in GONE} for row in after[table]
                        if row.get("name") != "schema"]
                assert kept == [{column: value for column, value in row.items() if column not in GONE} for row in rows]
            with store._reading() as connection, contextlib.closing(MemoryStore()) as new, new._reading() as other:
                assert described(connection) == described(other)
            assert len(store.list()) == len(before["runs"])


def test_who_works_on_a_run_is_a_handle_now(old):
    """Of runs that wait or work while their workspace is upgraded."""
    with contextlib.closing(sqlite3.connect(old / "catalogue.sqlite")) as connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(runs)")]
        run = dict(zip(columns, connection.execute("SELECT * FROM runs").fetchone()))
        for name, status, pid in (("at-work", "running", 41), ("in-front", "queued", 42), ("waits", "queued", 0)):
            process = {"pid": pid, "born": 5.5 if pid else 0.0, "host": "here" if pid else ""}
            row = run | process | {"id": name, "status": status}
            connection.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(columns))})", [*row.values()])
        connection.commit()
    with contextlib.closing(DiskStore(old)) as store:
        handle = {"launcher": "local", "born": 5.5, "host": "here"}
        assert [(run.handle, run.foreground) for run in map(store.get, ("at-work", "in-front", "waits"))] == [
            (handle | {"pid": 41}, False), (handle | {"pid": 42}, True), ({}, False)]
        assert {(str(run.handle), run.foreground) for run in store.list() if run.status in ENDED} == {("{}", False)}


UPGRADE = """
import sys, time
from gan_core.store import open_store
time.sleep(max(0, float(sys.argv[2]) - time.time()))
print(len(open_store(sys.argv[1]).list()))
"""


def test_processes_that_open_an_older_workspace_at_once_all_succeed(old):
    runs, start = len(rows_of(old)[0]["runs"]), time.time() + 1.5  # by then all have imported what they need
    openers = [start_python(UPGRADE, old, start) for _ in range(3)]
    answers = [opener.communicate(timeout=PATIENCE) for opener in openers]
    assert answers == [(f"{runs}\n", "")] * 3


@pytest.fixture
def next_revision(tmp_path, monkeypatch):
    """``next_revision(body)``: the version that this one will be followed by, whose revision does ``body``."""
    def follow(body):
        folder = tmp_path / "revisions"
        folder.mkdir()
        for path in migrations.REVISIONS.glob("r*.py"):
            (folder / path.name).write_text(path.read_text())
        number = migrations.NEWEST + 1
        (folder / f"r{number:04d}_next.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision, down_revision = '{number}', '{migrations.NEWEST}'\ndef upgrade():\n" + body)
        monkeypatch.setattr(migrations, "REVISIONS", folder)
        monkeypatch.setattr(migrations, "NEWEST", number)
        return number

    return follow


ADD = "    op.add_column('runs', sa.Column('colour', sa.Text, nullable=False, server_default='red'))\n"


def test_a_further_revision_is_a_file(old, next_revision):
    number = next_revision(ADD)
    with contextlib.closing(DiskStore(old)) as store:
        assert store.setting("schema") == str(number)
    assert {run["colour"] for run in rows_of(old)[0]["runs"]} == {"red"}


def test_an_upgrade_that_fails_half_way_leaves_all_as_it_was(old, next_revision):
    next_revision(ADD + "    op.drop_table('metrics')\n    raise RuntimeError('half way')\n")
    before = rows_of(old)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="half way"):
            DiskStore(old)
        assert rows_of(old) == before
    with contextlib.closing(sqlite3.connect(old / "catalogue.sqlite", timeout=1)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # nobody holds the lock


def test_a_process_that_is_killed_half_way_leaves_all_as_it_was(old, next_revision):
    number, before = next_revision(ADD + "    import os; os.kill(os.getpid(), 9)\n"), rows_of(old)
    code = f"""
import sys
from pathlib import Path
from gan_core.store import migrations, open_store
migrations.REVISIONS, migrations.NEWEST = Path({str(migrations.REVISIONS)!r}), {number}
open_store(sys.argv[1])
"""
    opener = start_python(code, old)
    opener.communicate(timeout=PATIENCE)
    assert opener.returncode == -9 and rows_of(old) == before


def test_an_older_version_refuses_what_is_newer_and_leaves_it_alone(old, next_revision, monkeypatch):
    known, number = migrations.NEWEST, next_revision(ADD)
    DiskStore(old).close()
    before = rows_of(old)
    monkeypatch.setattr(migrations, "NEWEST", known)
    with pytest.raises(StoreError, match=f"newer version.*schema {number}, this one knows {known}") as caught:
        DiskStore(old)
    assert is_a_sentence(str(caught.value)) and rows_of(old) == before


@pytest.mark.parametrize("why", ["unable to open database file", "attempt to write a readonly database",
                                 "database or disk is full"])
def test_one_that_cannot_be_written_is_read_as_a_copy_until_it_can_be(old, monkeypatch, why):
    """Reading needs no writing: an older workspace of a colleague, on a disk that is full, or in an archive."""
    before, tune = rows_of(old), sqlite.tune

    def refuse(connection):
        raise sqlite3.OperationalError(why)

    monkeypatch.setattr(sqlite, "tune", refuse)
    with contextlib.closing(DiskStore(old)) as store:
        runs = store.list()
        assert {run.id for run in runs} == {row["id"] for row in before[0]["runs"]}
        assert sum(len(store.rows(run.id)) for run in runs) == len(before[0]["metrics"]) and store.tasks.list() == []
        for change in (lambda: store.set("parallel", "3"), lambda: store.delete(runs[0].id)):
            with pytest.raises(StoreError, match=why) as told:
                change()
            assert is_a_sentence(str(told.value))
        assert rows_of(old) == before
        with contextlib.closing(sqlite3.connect(old / "catalogue.sqlite")) as theirs:
            theirs.execute("UPDATE runs SET name = 'written by the older version'")
            theirs.commit()
        assert {run.name for run in store.list()} == {"written by the older version"}
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(lambda run: store.get(run.id) == run, store.list() * 5))
        monkeypatch.setattr(sqlite, "tune", tune)
        store.set("parallel", "3")
        assert store.setting("parallel") == "3" and len(store.list()) == len(runs)
    assert {row["name"]: row["value"] for row in rows_of(old)[0]["settings"]}["schema"] == str(migrations.NEWEST)


def test_who_opens_a_workspace_of_today_does_not_wait_for_what_migrates(tmp_path):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        make_run(store)
    code = ("import sys; from gan_core.store import open_store; open_store(sys.argv[1]).list(); "
            "print('alembic' in sys.modules)")
    for workspace in (tmp_path / "workspace", tmp_path / "new"):
        answer = subprocess.run([sys.executable, "-c", code, workspace], cwd=PROJECT, capture_output=True, text=True)
        assert answer.stdout == "False\n", answer.stderr


def test_a_workspace_of_today_is_opened_without_writing(tmp_path, monkeypatch):
    DiskStore(tmp_path / "workspace").close()
    monkeypatch.setattr(DiskStore, "_writing", lambda self: pytest.fail("it may be read-only"))
    DiskStore(tmp_path / "workspace").close()
