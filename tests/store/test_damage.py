"""What was spoiled after it was written: each thing is left out by itself and named, and takes nothing else with it."""

import contextlib
import io
import json
import sqlite3

import h5py
import pytest

import helpers_stores
from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.modalities.base import modality
from gan_core.store import (
    DIVERGED, FAILED, FINISHED, RUNNING, MemoryStore, artifacts, blocks, damage, judgements, records, scores, weights,
)
from gan_core.store.rewinding import rewind
from gan_core.store.run import DAMAGED
from gan_core.tasks import checkpoints
from helpers_runs import cli, is_a_sentence, make_run
from helpers_stores import whole

store, disk = helpers_stores.store, helpers_stores.disk  # the fixtures


def hdf5(values=(1.0, 2.0, 3.0)):
    """Weights as older code kept them."""
    file = io.BytesIO()
    with h5py.File(file, "w") as content:
        content["layer/0"] = values
    return file.getvalue()


SPOILED = {
    "empty": b"", "text": b"no weights at all", "cut off": whole(hdf5())[:700], "nearly whole": whole()[:-1],
    "of older code, cut off": hdf5()[:-1], "only its head": hdf5()[:40], "zeros": bytes(4096),
    "changed within": whole(b"weights" * 9).replace(b"w", b"W", 1),
    "changed of older code": hdf5()[:96] + b"\xff" * (len(hdf5()) - 96),
}


@pytest.fixture
def run(store):
    """A run that was finished at step 30, with checkpoints of the steps 10, 20 and 30."""
    run = make_run(store, steps=30, status=FINISHED, step=30, attempt=1)
    store.add_rows(run.id, [(step, "g_loss", 1.0, float(step)) for step in range(31)])
    for step in (10, 20, 30):
        store.artifacts(run.id).put(artifacts.checkpoint_name(step), whole(b"step %d" % step))
    return run


def spoil(store, run, *steps, content=b""):
    for step in steps:
        store.artifacts(run.id).put(artifacts.checkpoint_name(step), content)


# Checkpoints


@pytest.mark.parametrize("how", SPOILED)
def test_the_newest_whole_checkpoint_takes_the_place_of_a_damaged_one_and_that_is_said(store, run, how):
    spoil(store, run, 30, content=SPOILED[how])
    assert checkpoints.resolve(store, run)[0] == 20
    sentence, = weights.passed_over(store, run.id)
    assert artifacts.checkpoint_name(30) in sentence and "Step 20" in sentence and is_a_sentence(sentence)
    with pytest.raises(BadInput, match="damaged.*10, 20"):
        checkpoints.resolve(store, run, 30)


@pytest.mark.parametrize("content", [whole(), whole(hdf5()), hdf5(), hdf5() + b"more"])
def test_what_is_whole_is_taken(store, run, content):
    spoil(store, run, 30, content=content)
    assert checkpoints.resolve(store, run)[0] == 30 and not weights.passed_over(store, run.id)


def test_a_file_that_is_written_anew_is_looked_at_anew(store, run):
    spoil(store, run, 30)
    assert checkpoints.resolve(store, run)[0] == 20
    spoil(store, run, 30, content=whole())
    assert checkpoints.resolve(store, run)[0] == 30


def test_a_damaged_checkpoint_is_not_the_best(store, run):
    for step, kernel in ((20, 2.0), (30, 1.0)):
        scores.keep(store.artifacts(run.id), {"step": step, "extractor": "x", "n_real": 9, "n_fake": 9, "live": False,
                                              modality(run.kind).headline.key: kernel})
    assert checkpoints.resolve(store, run, "best")[0] == 30
    spoil(store, run, 30)
    assert checkpoints.resolve(store, run, "best")[0] == 20


def test_a_run_goes_on_from_the_whole_one_and_makes_what_follows_again(store, run):
    spoil(store, run, 30)
    assert queue.resume(store, run.id, foreground=True, other_data=True).status == "queued"
    store.move(run.id, RUNNING, only_from=("queued",))
    assert rewind(store, store.get(run.id)) == (20, artifacts.checkpoint_name(20))
    assert list(artifacts.checkpoints(store.artifacts(run.id))) == [10, 20]
    assert store.rows(run.id).step.max() == 20


def test_a_run_with_damaged_ones_alone_is_left_as_it_is(store, run):
    spoil(store, run, 10, 20, 30)
    for ask in (lambda: checkpoints.resolve(store, run), lambda: queue.resume(store, run.id, steps=60),
                lambda: rewind(store, run)):
        with pytest.raises(BadInput, match="000000030.*No checkpoint of this run is whole: start a new run"):
            ask()
    assert len(store.rows(run.id)) == 31 and store.get(run.id).status == FINISHED


def test_a_checkpoint_that_is_gone_is_not_waited_for(store, run):
    store.artifacts(run.id).remove(artifacts.checkpoint_name(30))
    assert checkpoints.resolve(store, run)[0] == 20 and damage.told(store, run.id) == []


def test_a_run_that_diverged_at_once_is_not_resumed_in_vain(store):
    run = make_run(store, status=DIVERGED, step=3)
    with pytest.raises(BadInput, match="before its first checkpoint.*lower learning rates"):
        queue.resume(store, run.id)
    assert not queue.can_resume(store, run) and queue.can_resume(store, make_run(store, status=FAILED))
    store.artifacts(run.id).put(artifacts.checkpoint_name(2), whole())
    assert queue.can_resume(store, run), "it may take another way from there, with other settings of the machine"


# Scores, views, verdicts


@pytest.fixture
def held():
    """The artifacts of a run, and what is told of them."""
    with contextlib.closing(MemoryStore()) as store:
        run = make_run(store)
        yield store.artifacts(run.id), lambda: damage.told(store, run.id)


SCORE = {"step": 20, "extractor": "x", "n_real": 9, "n_fake": 9, "live": False, "kernel": 1.0, "notes": ["Fine."]}
VIEW = {"title": "Levels", "rows": {"0": ["a", "b"]}}
VERDICTS = {"session": "s", "step": 20, "shown_ms": None, "verdicts": [{"truth": "real", "verdict": "real"}]}
NO_RECORDS = ["", "{", "null", "[]", "7", '"text"', "\udcff", "[" * 100_000, "{}"]


def changed(record, **changes):
    return json.dumps({name: value for name, value in (record | changes).items() if value is not ...})


@pytest.mark.parametrize("text", [
    *NO_RECORDS, changed(SCORE, step="20"), changed(SCORE, step=-1), changed(SCORE, step=True), changed(SCORE, kernel="low"),
    changed(SCORE, kernel=[1.0]), changed(SCORE, n_fake=None), changed(SCORE, kernel=float("nan")), changed(SCORE, vendi={}),
    changed(SCORE, n_fake="many"), changed(SCORE, extractor=7), changed(SCORE, live="no"), changed(SCORE, notes="text"),
    changed(SCORE, notes=[1]), changed(SCORE, step=...), changed(SCORE, n_real=...), changed(SCORE, kernel=10**400)])
def test_a_score_that_is_none_is_left_out_and_named(held, text):
    (held, told), name = held, "scores/000000030-x-9.json"
    scores.keep(held, SCORE)
    held.put(name, text.encode(errors="surrogateescape"))
    assert [result["step"] for result in scores.kept(held)] == [20]
    assert scores.best(held, modality("points").headline)[0] is None, "of no checkpoint that is kept"
    sentence, = told()
    assert name in sentence and is_a_sentence(sentence)


def test_a_score_that_does_not_apply_may_be_none(held):
    held, told = held
    scores.keep(held, SCORE | {"kernel": None})
    assert scores.kept(held) == [{key: value for key, value in SCORE.items() if key != "kernel"}] and told() == []


@pytest.mark.parametrize("text", [
    *NO_RECORDS, changed(VIEW, title=7), changed(VIEW, title=" "), changed(VIEW, title=...), changed(VIEW, rows=...),
    changed(VIEW, rows={}), changed(VIEW, rows={"first": ["a"]}), changed(VIEW, rows={"0": "ab"}), changed(VIEW, rows=7),
    changed(VIEW, rows={"0": [1, 2]}), changed(VIEW, rows={"-1": ["a"]})])
def test_a_view_that_is_none_is_left_out_and_named(held, text):
    held, told = held
    held.put("views/levels/rows.json", json.dumps(VIEW).encode())
    held.put("views/odd/rows.json", text.encode(errors="surrogateescape"))
    assert [view.title for view in artifacts.views(held)] == ["Levels"]
    sentence, = told()
    assert "views/odd/rows.json" in sentence


@pytest.mark.parametrize("text", [
    *NO_RECORDS, changed(VERDICTS, step="20"), changed(VERDICTS, shown_ms=7), changed(VERDICTS, verdicts="none"),
    changed(VERDICTS, verdicts=[{"truth": "real"}]), changed(VERDICTS, verdicts=[{"truth": [], "verdict": "real"}])])
def test_verdicts_that_are_none_are_left_out_and_named(held, text):
    held, told = held
    judgements.keep(held, VERDICTS)
    held.put("judging/odd.json", text.encode(errors="surrogateescape"))
    assert [record["session"] for record in judgements.kept(held)] == ["s"]
    sentence, = told()
    assert "judging/odd.json" in sentence


def test_a_session_without_a_verdict_yet_is_no_damage(store):
    run = make_run(store)
    judgements.keep(store.artifacts(run.id), VERDICTS | {"verdicts": []})
    assert judgements.kept(store.artifacts(run.id)) == [] and damage.told(store, run.id) == []


@pytest.mark.parametrize("value, is_one", [(1, True), (1.5, True), (True, False), ("1", False), (float("inf"), False)])
def test_what_a_number_is(value, is_one):
    assert records.is_number(value) == is_one


# The catalogue


COLUMNS = {"spec": "{cut off", "facts": "[[[", "tags": '{"a": 1}', "handle": "7", "status": "asleep", "step": "many",
           "steps": -0.5, "seconds": "long", "created": b"\xff\x00", "message": b"\xff", "attempt": 1e300, "name": b"\x00"}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_damaged_row_is_listed_with_what_is_left(disk, column):
    odd, sound = make_run(disk, name="odd"), make_run(disk, name="sound")
    with sqlite3.connect(disk.workspace / "catalogue.sqlite") as catalogue:
        catalogue.execute(f"update runs set {column} = ? where id = ?", (COLUMNS[column], odd.id))
    catalogue.close()
    assert disk.get(sound.id) == sound and {run.id for run in disk.list()} == {odd.id, sound.id}
    assert disk.get(odd.id).message.startswith(f"{DAMAGED} ({column})") and disk.get(odd.id).progress == 0.0
    answer = cli("runs", workspace=disk.workspace)
    assert answer.code == 0 and sound.id in answer.out and odd.id in answer.out and column in answer.err
    assert cli("show", odd.id, workspace=disk.workspace).code == 0


def changed_by(disk, statement, *values):
    with contextlib.closing(sqlite3.connect(disk.workspace / "catalogue.sqlite")) as catalogue:
        catalogue.execute(statement, values)
        catalogue.commit()


@pytest.mark.parametrize("column, value, left", [
    ("value", "low", 9), ("value", b"\x00\xff", 9), ("time", "late", 8), ("time", b"", 8), ("step", "third", 8),
    ("step", b"\xff", 8), ("value", 1e308, 9), ("value", None, 9)])
def test_a_damaged_row_of_a_curve_takes_no_other_with_it(disk, column, value, left):
    run = make_run(disk, status=FINISHED)
    disk.add_rows(run.id, [(step, "g_loss", 1.0, float(step)) for step in range(9)])
    changed_by(disk, f"UPDATE metrics SET {column} = ? WHERE step = 3", value)
    assert len(disk.rows(run.id)) == left and set(disk.rows(run.id, keys=["g_loss"]).step.tolist()) >= {0, 1, 2, 4, 8}
    is_number = value is None or isinstance(value, float)
    said = [f"Of the curves of the run {run.id} 1 point cannot be read and is left out."] * (not is_number)
    assert damage.told(disk, run.id) == said == damage.told(disk, run.id)
    for verb in ("metrics", "show"):
        answer = cli(verb, run.id, workspace=disk.workspace)
        assert answer.code == 0 and (verb == "metrics" or all(sentence in answer.err for sentence in said))


@pytest.mark.parametrize("column, value", [("data", b"\x00"), ("data", b"\xff" * 260), ("data", "text"), ("names", "{"),
                                           ("names", "[]"), ("names", "[1, 2]"), ("names", '"ab"')])
def test_a_damaged_block_is_passed_over_for_the_rows_themselves(disk, monkeypatch, column, value):
    monkeypatch.setattr(blocks, "SIZE", 10)
    run = make_run(disk, status=FINISHED)
    for step in range(60):
        disk.add_rows(run.id, [(step, key, float(step), 0.0) for key in ("a", "b")])
    before = disk.rows(run.id)
    second = "(SELECT first FROM blocks ORDER BY first LIMIT 1 OFFSET 1)"
    changed_by(disk, f"UPDATE blocks SET {column} = ? WHERE first = {second}", value)
    after = disk.rows(run.id)
    assert len(before) == 120 and after.value.tolist() == before.value.tolist() and after.key.tolist() == before.key.tolist()


@pytest.mark.parametrize("number", ["new", "1.5", "nan", "9" * 5000])
def test_a_number_of_the_schema_that_is_none_is_a_sentence(disk, number):
    changed_by(disk, "UPDATE settings SET value = ? WHERE name = 'schema'", number)
    answer = cli("runs", workspace=disk.workspace)
    assert answer.code == 2 and is_a_sentence(answer.err) and "damaged catalogue" in answer.err


@pytest.mark.parametrize("facts", [{"line": "abc"}, {"images_per_second": "fast"}, {"parameters": [1]}, {"data": "mnist"}])
def test_facts_of_a_wrong_type_are_none(store, facts):
    run = store.get(make_run(store, facts=facts | {"device": "cpu"}).id)
    assert run.facts == {"device": "cpu"} and run.message.startswith(DAMAGED)


def test_a_damaged_task_is_listed(disk):
    from gan_core.store.task_records import new_task

    task = disk.tasks.create(new_task("score"))
    with sqlite3.connect(disk.workspace / "catalogue.sqlite") as catalogue:
        catalogue.execute("update tasks set config = '{', share = 'half', status = 'asleep'")
    catalogue.close()
    listed, = disk.tasks.list()
    assert (listed.id, listed.status, listed.share) == (task.id, "lost", 0.0)
    assert "config, share, status" in listed.message
