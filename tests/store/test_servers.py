"""The store on servers: contracts over PostgreSQL and S3, many processes, outages; and what is told of wrong addresses."""

import contextlib
import importlib
import importlib.util
import inspect
import json
import re
import signal
import time

import numpy as np
import pytest
import sqlalchemy as sa

import helpers_servers
from gan_core.errors import BadInput, StoreError
from gan_core.store import FINISHED, RUNNING, DiskStore, Unreachable, artifacts, migrations, open_store, tables
from gan_core.store.artifact_stores import open_artifact_store
from gan_core.store.catalogue import Catalogue
from gan_core.store.recorder import StoreRecorder
from helpers_runs import cli, is_a_sentence, make_run, start_python, until
from helpers_stores import in_threads, table
from tests.store import test_artifacts, test_fencing, test_store, test_sweep_records, test_task_records
from tests.store.test_migrations import described

postgres, s3 = helpers_servers.postgres, helpers_servers.s3  # fixtures
again, held = test_fencing.again, test_artifacts.held  # those of the contracts
LIMIT = 180  # seconds for one test, on a machine that has much else to do
# The first would load Keras, and says nothing of a place; the second is about time, of which a loaded machine says little.
ELSEWHERE = {"test_keras_loads_weights_from_an_artifact", "test_200_000_rows_are_written_and_read_in_good_time"}


@pytest.fixture(autouse=True)
def _limit():
    def over(number, frame):
        raise TimeoutError(f"it took more than {LIMIT} seconds")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def empty(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if sa.inspect(connection).has_table("settings"):
            for each in reversed(tables.schema.sorted_tables):
                rows = each.delete()
                connection.execute(rows.where(each.c.name != "schema") if each.name == "settings" else rows)
    engine.dispose()


@pytest.fixture
def database(postgres):
    """The address of an empty catalogue."""
    empty(postgres.url())
    return postgres.url()


@pytest.fixture
def store(database, tmp_path):
    store = DiskStore(tmp_path / "workspace", database)
    yield store
    store.close()


@pytest.fixture
def place(s3):
    return open_artifact_store(s3.place())


@pytest.fixture
def far(database, s3, tmp_path):
    """``far("name")``: a store of a workspace of that name, whose catalogue and artifacts are on the servers."""
    artifacts_url, stores = s3.place(), []

    def make(name="workspace"):
        stores.append(DiskStore(tmp_path / name, database, artifacts_url))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def contract(module, fixture):
    """The tests of a module that ask for a fixture which is another one here, and for no store of another kind."""
    return {f"{name}__{module.__name__.rpartition('_')[2]}": test for name, test in vars(module).items()
            if name.startswith("test_") and name not in ELSEWHERE
            and fixture in (asked := inspect.signature(test).parameters)
            and not {"disk", "counting", "old"} & asked.keys()}


globals().update(contract(test_store, "store"), **contract(test_task_records, "store"),
                 **contract(test_sweep_records, "store"), **contract(test_fencing, "again"))
globals().update(contract(test_artifacts, "held"), **contract(test_artifacts, "place"))


# The catalogue in PostgreSQL


def test_the_revisions_lead_to_the_tables_of_a_new_catalogue(postgres):
    postgres.run_sql("postgres", "CREATE DATABASE old", "CREATE DATABASE new")
    old, new = (sa.create_engine(postgres.url(database=name)) for name in ("old", "new"))
    with old.begin() as connection:
        migrations.upgrade(connection, 0)
    with contextlib.closing(Catalogue(postgres.url(database="new"))), old.connect() as one, new.connect() as other:
        assert described(one) == described(other) and set(described(one)) == set(tables.schema.tables)
    old.dispose(), new.dispose()


def test_an_older_catalogue_is_upgraded_and_a_newer_one_refused(postgres, doctored):
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    first, = migrations.REVISIONS.glob("r0001_*.py")
    postgres.run_sql("postgres", "CREATE DATABASE first")
    url = postgres.url(database="first")
    engine = sa.create_engine(url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        importlib.import_module(f"{migrations.__name__}.revisions.{first.stem}").upgrade()
        connection.execute(sa.text("INSERT INTO settings VALUES ('schema', '1'), ('parallel', '3')"))
    in_threads(4, lambda i: Catalogue(url).close())
    with contextlib.closing(Catalogue(url)) as catalogue:
        assert (catalogue.setting("schema"), catalogue.setting("parallel")) == (str(migrations.NEWEST), "3")
        catalogue.set("schema", "99")
    with pytest.raises(StoreError, match="newer version") as refused:
        Catalogue(url)
    assert is_a_sentence(str(refused.value))
    code, found = doctored(GAN_CATALOGUE=url)
    assert code == 2 and "newer version" in found["catalogue"]["words"]
    engine.dispose()


def test_two_hundred_settings_at_once_are_all_written(store):
    def write(i):
        for number in range(10):
            store.set(f"own-{i}-{number}", i)
            store.set("shared", i)

    in_threads(10, write)
    assert all(store.setting(f"own-{i}-{number}") == str(i) for i in range(10) for number in range(10))
    assert store.setting("shared") in map(str, range(10))


CLAIM = """
import sys, time
from gan_core.store import FINISHED, QUEUED, RUNNING, DiskStore
store, claimed = DiskStore(sys.argv[1], sys.argv[2]), []
while waiting := store.list([QUEUED]):
    run = min(waiting, key=lambda run: (run.queued, run.id))
    if attempt := store.claim(run.id, parallel=3):
        claimed.append(f"{run.id}:{attempt}")
        time.sleep(0.005)
        store.move(run.id, FINISHED, only_from=(RUNNING,), only_attempt=attempt, ended=time.time())
    else:
        time.sleep(0.002)
print(*claimed)
"""


def test_eight_processes_claim_sixty_runs_each_once_and_no_more_than_may_work(store, database):
    runs = [make_run(store, queued=1000.0 + number) for number in range(60)]
    workers = [start_python(CLAIM, store.workspace, database) for _ in range(8)]
    answers = [worker.communicate(timeout=LIMIT) for worker in workers]
    assert not any(worker.returncode for worker in workers), answers
    claimed = [line for out, _ in answers for line in out.split()]
    assert sorted(claimed) == sorted(f"{run.id}:1" for run in runs)
    ended = store.list([FINISHED])
    assert max(sum(other.started <= run.started < other.ended for other in ended) for run in ended) <= 3


def test_what_postgresql_cannot_hold_is_told_or_made_fit(store):
    run = make_run(store)
    store.update(run.id, facts={"line": [1.0, float("nan"), float("inf")], "text": "a\0b"})
    assert store.get(run.id).facts["text"] == "a\0b"
    for write in (lambda: store.update(run.id, notes="a\0b"), lambda: store.add_rows(run.id, [(1, "k" * 81, 1.0, 0.0)])):
        with pytest.raises(BadInput) as refused:
            write()
        assert is_a_sentence(str(refused.value))
    store.add_rows(run.id, [(1, "k", 1.0, 0.0)])
    assert table(store.rows(run.id)) == [(1, "k", 1.0)]


# Artifacts in S3


def test_what_one_machine_keeps_another_has_within_two_seconds(far):
    here, there = far("here"), far("there")
    run = make_run(here)
    mine, theirs = here.artifacts(run.id), there.artifacts(run.id)
    began = time.monotonic()
    mine.put("samples/000000100.png", b"sheet"), mine.append("log.txt", b"a\n"), mine.append("log.txt", b"b\n")
    assert mine.read("log.txt") == b"a\nb\n", "whoever wrote it reads it at once"
    until(lambda: theirs.list() == ("config.json", "log.txt", "samples/000000100.png"), 5)
    until(lambda: theirs.read("log.txt") == b"a\nb\n", 5)
    assert time.monotonic() - began < 2
    assert theirs.entry("log.txt").version == mine.entry("log.txt").version
    assert theirs.read("samples/000000100.png") == b"sheet" and here.settle(5)
    here.move(run.id, FINISHED, only_from=("queued",))
    there.delete(run.id)
    until(lambda: not mine.list(), 5)
    with pytest.raises(artifacts.Deleted):
        for _ in range(100):  # what was written before it is known goes nowhere
            mine.put("x", b"x")
            time.sleep(0.05)
    assert theirs.list() == ()


def test_pieces_are_merged_so_that_a_log_of_many_lines_is_few_objects(place):
    place.make("run")
    for number in range(80):
        place.of("run").append("log.txt", f"{number}\n".encode())
    whole = "".join(f"{number}\n" for number in range(80)).encode()
    assert place.of("run").read("log.txt") == whole
    pieces = open_artifact_store(f"s3://{place.where('').removeprefix('s3://').rstrip('/')}").look("run")["log.txt"]
    assert len(pieces) < 20


def test_a_run_goes_on_through_outages_of_both_servers_and_nothing_is_lost(far, postgres, s3, monkeypatch):
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.1)
    store = far()
    run = make_run(store, status=RUNNING, attempt=1)
    with StoreRecorder(store, run) as recorder:
        recorder.metrics(1, {"g_loss": 1.0})
        recorder.samples(1, np.zeros((4, 2), np.float32), (2, 2))
        until(lambda: len(store.rows(run.id)) == 1, 10)
        for number, (stop, start) in enumerate(((postgres.stop, postgres.start), (s3.stop, s3.start)), 1):
            stop()
            began = time.monotonic()
            for step in range(10 * number, 10 * number + 5):
                recorder.metrics(step, {"g_loss": float(step)})
                recorder.log(f"step {step}")
                assert not recorder.should_stop()
            recorder.samples(10 * number, np.zeros((4, 2), np.float32), (2, 2))
            recorder.checkpoint(10 * number, lambda file: file.write(b"weights"))
            assert time.monotonic() - began < 15, "training does not wait for a server"
            time.sleep(1)
            assert not recorder.should_stop()
            start()
    other = far("other")
    assert [step for step, _, _ in table(other.rows(run.id))] == [1, *range(10, 15), *range(20, 25)]
    held = other.artifacts(run.id)
    assert [*artifacts.checkpoints(held)] == [10, 20] and [*artifacts.sample_sheets(held)] == [1, 10, 20]
    assert [line.split()[-1] for line in held.read("log.txt").decode().splitlines()] == [*map(str, range(10, 15)),
                                                                                           *map(str, range(20, 25))]
    assert held.read(artifacts.checkpoint_name(20)).startswith(b"weights") and store.settle(1)


def test_what_a_killed_process_could_not_send_the_next_one_sends(far, s3, tmp_path):
    store = far("killed")
    run = make_run(store)
    assert store.settle(10)
    s3.stop()
    try:
        store.artifacts(run.id).put("scores/1.json", b"{}")
        assert store.artifacts(run.id).read("scores/1.json") == b"{}", "it is seen here meanwhile"
        store._artifact_store._over = True  # its thread does no more than that of a dead one
        store._artifact_store._thread.join(30)
        assert not store._artifact_store._thread.is_alive()
    finally:
        s3.start()
    other = far("elsewhere")
    assert "scores/1.json" not in other.artifacts(run.id)
    assert far("killed").settle(10)
    until(lambda: other.artifacts(run.id).list() == ("config.json", "scores/1.json"), 5)


def test_what_a_command_has_written_is_there_when_it_has_ended(far, database, s3):
    store = far("here")
    run = make_run(store)
    code = "import gc, sys; from gan_core.store import DiskStore; " \
           "DiskStore(*sys.argv[1:4]).artifacts(sys.argv[4]).put('scores/1.json', b'{}'); gc.collect()"
    place = store.where(run.id).rpartition("/")[0]
    store.close()  # so that nobody else here sends it
    command = start_python(code, store.workspace, database, place, run.id)
    assert command.communicate(timeout=LIMIT)[1] == "" and command.returncode == 0
    assert store._artifact_store.waiting() == ()
    assert far("there").artifacts(run.id).read("scores/1.json") == b"{}"


def test_the_cache_stays_within_its_bound_and_saves_fetching(far, monkeypatch):
    monkeypatch.setenv("GAN_ARTIFACTS_CACHE", "0.1")
    here, there = far("here"), far("there")
    run = make_run(here)
    for number in range(8):
        here.artifacts(run.id).put(f"samples/{number:09d}.png", bytes(30_000))
    assert here.settle(10)
    held, cache = there.artifacts(run.id), there._artifact_store._cache
    assert all(held.read(name) for name in held.list())
    cache.make_room()
    assert 0 < cache.size() <= 100_000
    monkeypatch.setattr(there._artifact_store._place, "read", lambda *_: pytest.fail("it was fetched again"))
    assert held.read("samples/000000007.png") == bytes(30_000)


# What is told


@pytest.fixture
def doctored(monkeypatch, tmp_path):
    """``doctored(GAN_CATALOGUE=...)``: what ``doctor --json`` finds, and its exit code; it never tells a password."""
    def look(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        began = time.monotonic()
        answer = cli("doctor", "--json", workspace=tmp_path / "workspace")
        assert time.monotonic() - began < 10 and "se%" not in answer.out + answer.err and "wrong1" not in answer.out
        told = json.loads(answer.out)
        assert all(is_a_sentence(found["words"]) for found in told["places"]), told
        return answer.code, {found["what"]: found for found in told["places"]}
    return look


def test_the_doctor_says_what_is_there_and_changes_nothing(doctored, postgres, s3, tmp_path):
    postgres.run_sql("postgres", "CREATE DATABASE fresh")
    place = s3.place()
    code, found = doctored(GAN_CATALOGUE=postgres.url(database="fresh"), GAN_ARTIFACTS=place)
    assert code == 0 and "would be made" in found["catalogue"]["words"]
    assert "PostgreSQL" in found["catalogue"]["words"] and "s3fs" in found["artifacts"]["words"]
    assert open_artifact_store(place)._files.find(place) == [] and not (tmp_path / "workspace").exists()
    engine = sa.create_engine(postgres.url(database="fresh"))
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    Catalogue(postgres.url(database="fresh")).close()
    code, found = doctored()
    assert code == 0 and found["catalogue"]["facts"]["runs"] == 0 and "it can be written" in found["catalogue"]["words"]


@pytest.mark.parametrize("name, value, word", [
    ("GAN_CATALOGUE", "postgresql+psycopg://gan:wrong1@127.0.0.1:{port}/gan", "refuses the password"),
    ("GAN_CATALOGUE", "postgresql+psycopg://gan:wrong1@127.0.0.1:1/gan", "cannot be reached"),
    ("GAN_CATALOGUE", "postgresql+psycopg://gan:wrong1@192.0.2.1/gan", "cannot be reached|does not answer"),
    ("GAN_CATALOGUE", "{url}nosuch", "There is no database"),
    ("GAN_CATALOGUE", "{reader}", "may not be written"),
    ("GAN_CATALOGUE", "mysql://gan:wrong1@host/db", "PostgreSQL"),
    ("GAN_CATALOGUE", "nonsense", "is no address"),
    ("GAN_CATALOGUE", "postgresql://gan@host", "names no database"),
    ("GAN_ARTIFACTS", "s3://no-such-bucket/x", "make the bucket|cannot be reached"),
    ("GAN_ARTIFACTS", "nosuch://x", "cannot be kept"),
    ("GAN_ARTIFACTS", "s3://", "names no place"),
    ("GAN_ARTIFACTS", "memory://", "end with their process"),
    ("GAN_ARTIFACTS", "fsspec://nosuch/x", "fsspec cannot open"),
    ("GAN_ARTIFACTS_CACHE", "much", "number of megabytes"),
])
def test_a_wrong_address_is_a_sentence_within_seconds(doctored, postgres, s3, name, value, word, database):
    with contextlib.closing(Catalogue(database)), contextlib.suppress(Exception):
        postgres.run_sql("gan", "CREATE USER reader PASSWORD 'wrong1'",
                         "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    value = value.format(port=postgres.port, url=postgres.url(), reader=postgres.url(user="reader", password="wrong1"))
    extra = {"GAN_ARTIFACTS": s3.place()} if name == "GAN_ARTIFACTS_CACHE" else {}
    code, found = doctored(**{name: value} | extra)
    told = found["catalogue" if name == "GAN_CATALOGUE" else "artifacts"]
    assert code == 2 and not told["ok"] and re.search(word, told["words"]), told


def test_a_bucket_that_may_not_be_written_and_one_that_does_not_answer(doctored, s3, monkeypatch):
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()  # its methods are bound when it is made
    monkeypatch.setattr(s3fs.S3FileSystem, "_pipe_file", _refused)
    code, found = doctored(GAN_ARTIFACTS=s3.place())
    assert code == 2 and "Access Denied" in found["artifacts"]["words"]
    monkeypatch.undo()
    s3fs.S3FileSystem.clear_instance_cache()
    s3.stop()
    try:
        code, found = doctored(GAN_ARTIFACTS=s3.place())
        assert code == 2 and "cannot be reached" in found["artifacts"]["words"]
    finally:
        s3.start()


async def _refused(*_, **__):
    raise PermissionError("Access Denied")


def test_a_command_on_a_catalogue_that_is_away_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_CATALOGUE", "postgresql://gan:wrong1@127.0.0.1:1/gan")
    answer = cli("runs", workspace=tmp_path)
    assert answer.code == 2 and "cannot be reached" in answer.err and "wrong1" not in answer.err
    with pytest.raises(Unreachable):
        open_store(tmp_path)


@pytest.mark.parametrize("package, name, value", [("psycopg", "GAN_CATALOGUE", "postgresql://gan@host/db"),
                                                  ("s3fs", "GAN_ARTIFACTS", "s3://bucket/x"),
                                                  ("fsspec", "GAN_ARTIFACTS", "s3://bucket/x")])
def test_a_missing_package_is_a_sentence_with_the_command(monkeypatch, tmp_path, package, name, value):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda wanted, *rest: None if wanted == package
                        else find(wanted, *rest))
    monkeypatch.setenv(name, value)
    answer = cli("doctor", workspace=tmp_path)
    assert answer.code == 2 and package in answer.out and "pip install -r requirements-cluster.txt" in answer.out
    assert cli("runs", workspace=tmp_path).code == 2


# Moving


def filled(workspace):
    store = DiskStore(workspace)
    runs = [make_run(store, status=FINISHED, name=f"Run {number}, ü", tags=("a",), created=1000.0 + number)
            for number in range(3)]
    for run in runs:
        store.add_rows(run.id, [(step, key, step / 7, 1.5) for step in range(30) for key in ("d_loss", "gLoss", "a")])
        store.add_rows(run.id, [(30, "d_loss", float("nan"), 2.5)])
        store.artifacts(run.id).put("samples/000000001.png", run.id.encode() * 100)
        store.artifacts(run.id).append("log.txt", b"line\n")
    store.set("parallel", 4)
    sweep = store.sweeps.create("A sweep", {"a": 1})
    store.sweeps.finish(sweep.id)
    store.close()
    return runs


def state(catalogue, place):
    return [(run, table(catalogue.rows(run.id)), {name: place.of(run.id).read(name) for name in place.of(run.id).list()})
            for run in catalogue.list()]


def test_a_workspace_moves_to_servers_and_back_and_is_what_it_was(postgres, s3, tmp_path, database, monkeypatch):
    filled(tmp_path / "one")
    there = f"{database},{s3.place()}"
    answer = cli("move", "--from", tmp_path / "one", "--to", there, "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["runs"] == 3 and json.loads(answer.out)["rows"] == 3 * 91
    answer = cli("move", "--from", there, "--to", tmp_path / "two")
    assert answer.code == 0 and "All is checked" in answer.err and "%" not in answer.err
    with contextlib.closing(DiskStore(tmp_path / "one")) as one, contextlib.closing(DiskStore(tmp_path / "two")) as two:
        place = open_artifact_store(f"file://{tmp_path}/one/runs"), open_artifact_store(f"file://{tmp_path}/two/runs")
        assert sorted(map(str, state(one, place[0]))) == sorted(map(str, state(two, place[1])))
        assert two.setting("parallel") == "4" and [sweep.name for sweep in two.sweeps.list()] == ["A sweep"]
        two.update(two.list()[0].id, notes="gone on with")
    answer = cli("move", "--from", there, "--to", tmp_path / "two")
    assert answer.code == 2 and "other runs" in answer.err


def test_a_move_that_broke_off_goes_on_and_copies_nothing_twice(database, s3, tmp_path, monkeypatch):
    from gan_core.store import moving
    from gan_core.store.addresses import Place

    filled(tmp_path / "one")
    source, target = Place.of(str(tmp_path / "one")), Place.of(f"{database},{s3.place()}")
    write, calls = moving._write_run, []

    def breaks(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise StoreError("It broke off.")
        write(*arguments)

    monkeypatch.setattr(moving, "_write_run", breaks)
    with pytest.raises(StoreError, match="broke off"):
        moving.move(source, target)
    monkeypatch.undo()
    done = moving.move(source, target)
    assert (done.runs, done.there, done.artifacts) == (2, 1, 3), "of the second run its artifacts were there"
    done = moving.move(source, target)
    assert (done.runs, done.there, done.artifacts, done.rows) == (0, 3, 0, 0)
