"""What the store asks of its database is what PostgreSQL would take, too."""

import types

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from gan_core.store import FINISHED, QUEUED, RUNNING, MemoryStore, catalogue, tables
from helpers_runs import make_run


@pytest.fixture
def statements(monkeypatch):
    """What a store executes, as SQLAlchemy sees it before it becomes SQL; with PostgreSQL's INSERT, which SQLite takes."""
    monkeypatch.setitem(tables.INSERT, "sqlite", tables.INSERT["postgresql"])
    store, seen = MemoryStore(), []
    sa.event.listen(store.engine, "before_execute", lambda c, clause, *_: seen.append(clause))
    yield store, seen
    store.close()


def test_every_statement_is_one_that_postgresql_takes(statements):
    store, seen = statements
    run = make_run(store)
    store.get(run.id[:8]), store.list([QUEUED]), store.list()
    attempt = {"only_attempt": store.claim(run.id, parallel=1, handle={"pid": 1})}
    store.update(run.id, tags=("a",), facts={"a": 1}, **attempt)
    store.add_rows(run.id, [(1, "a", 1.0, 0.0)]), store.add_rows(run.id, [(1, "a", float("nan"), 0.0)], **attempt)
    store.rows(run.id, keys=["a"], after=0), store.cut(run.id, 0, **attempt)
    store.move(run.id, FINISHED, only_from=(RUNNING,), **attempt)
    store.set("parallel", 1), store.setting("parallel"), store.delete(run.id)
    store.lease("a", "b", 1.0), store.holder("a"), store.release("a", "b")
    assert len(seen) >= 18
    for clause in seen:
        assert not isinstance(clause, (str, sa.TextClause)), f"SQL by hand is one database's dialect: {clause}"
        text = str(clause.compile(dialect=postgresql.dialect()))
        assert "sqlite" not in text.lower() and " OR REPLACE" not in text


def test_the_claim_is_one_statement(statements):
    """Two databases agree on little about locks, but each executes one UPDATE as a whole."""
    store, seen = statements
    run = make_run(store)
    seen.clear()
    assert store.claim(run.id, parallel=1)
    assert len(seen) == 1 and isinstance(seen[0], sa.Update)


def test_a_setting_is_changed_in_one_statement(statements):
    """Between two, another's would come, and one of both be refused."""
    store, seen = statements
    for value in "ab":
        seen.clear()
        store.set("theme", value)
        assert len(seen) == 1 and "ON CONFLICT (name) DO UPDATE SET value = excluded.value" in str(
            seen[0].compile(dialect=postgresql.dialect()))
    assert store.setting("theme") == "b"


def test_rows_are_replaced_in_one_statement(statements):
    store, seen = statements
    run = make_run(store)
    seen.clear()
    for value in (1.0, 2.0):
        store.add_rows(run.id, [(1, "a", value, 0.0), (2, "a", value, 0.0)])
    seen = [statement for statement in seen if isinstance(statement, sa.Insert)]
    assert len(seen) == 2
    assert "ON CONFLICT (run_id, step, key) DO UPDATE" in str(seen[0].compile(dialect=postgresql.dialect()))
    assert store.rows(run.id).value.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("dialect", tables.INSERT)
def test_each_database_has_its_own_insert(dialect):
    insert = tables.upsert(types.SimpleNamespace(dialect=types.SimpleNamespace(name=dialect)), tables.settings)
    assert type(insert).__module__.startswith(f"sqlalchemy.dialects.{dialect}")


def test_the_schema_is_one_that_postgresql_takes():
    dialect = postgresql.dialect()
    made = {each.name: str(CreateTable(each).compile(dialect=dialect)) for each in tables.schema.sorted_tables}
    assert set(made) == {"runs", "metrics", "blocks", "settings", "leases", "tasks", "sweeps", "sweep_runs", "notices"}
    assert "ROWID" not in "".join(made.values()).upper()
    assert "value DOUBLE PRECISION" in made["metrics"], "a 4-byte float would lose digits"
    assert "step BIGINT" in made["metrics"] and "PRIMARY KEY (run_id, step, key)" in made["metrics"]
    assert "spec JSON NOT NULL" in made["runs"]
    for each in tables.schema.sorted_tables:
        for index in each.indexes:
            str(CreateIndex(index).compile(dialect=dialect))


def test_pragmas_are_for_sqlite_alone(monkeypatch):
    """What tunes SQLite hangs on the engine's dialect and not on the address."""
    listened = []
    monkeypatch.setattr(catalogue.Catalogue, "_migrate", lambda self: None)
    monkeypatch.setattr(sa.event, "listen", lambda target, name, function: listened.append(name))
    mock = sa.create_mock_engine("sqlite://", None)
    for dialect, expected in ((postgresql.dialect(), []), (mock.dialect, ["connect", "begin", "checkin"])):
        listened.clear()
        monkeypatch.setattr(sa, "create_engine", lambda url, **options: type("Engine", (), {"dialect": dialect})())
        catalogue.Catalogue("any")
        assert listened == expected
