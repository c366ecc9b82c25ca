"""People as judges: what is shown in which order, and what is kept of it."""

import io
import json
import math
import threading
from pathlib import Path

import numpy as np
import pytest

from gan_core import data
from gan_core.compare import compare
from gan_core.errors import BadInput, StoreError
from gan_core.evaluation import human
from gan_core.store import judgements
from gan_core.store.judgements import Pool
from gan_core.evaluation.human import GENERATED, REAL, Rate, wilson
from gan_core.store import DiskStore, artifacts
from gan_core.store.curves import Series
from gan_core.tasks import asking
from gan_core.tasks.asking import Checkpoint, Question
from helpers_checkpoints import with_checkpoint
from helpers_judging import add_checkpoint, add_judged, add_pool, images
from helpers_pages import add_run, zoo, recording
from helpers_runs import folder_of, is_a_sentence

POOLS = {"a": Pool(60, images(40), images(50, 1)), "b": Pool(800, images(40, 2), images(50, 3))}


@pytest.fixture
def store(tmp_path):
    store = DiskStore(tmp_path / "ws")
    yield store
    store.close()


@pytest.fixture
def run(store):
    return add_run(store, zoo(), "Judged", architecture="dcgan")


def always(session, verdict):
    """A judge who says the same of every image."""
    while not session.done:
        assert session.answer(session.number, verdict, 1.0)
    return session


# Trials


def test_half_of_each_runs_images_are_real_and_none_comes_twice():
    session = human.begin(POOLS, 20, seed=3)
    assert len(session.trials) == 40 == len(set(session.trials))
    for run, held in POOLS.items():
        for truth in (REAL, GENERATED):
            mine = [trial for trial in session.trials if (trial.run, trial.truth) == (run, truth)]
            assert len(mine) == 10 and all(trial.index < len(getattr(held, truth)) for trial in mine)
    for trial, image in zip(session.trials, session.images):
        assert np.array_equal(image, getattr(POOLS[trial.run], trial.truth)[trial.index])


def test_the_order_is_mixed_and_follows_from_the_seed():
    first, again, other = (human.begin(POOLS, 20, seed=seed) for seed in (3, 3, 4))
    assert first.trials == again.trials != other.trials and first.id != again.id
    for key in (lambda trial: trial.run, lambda trial: trial.truth):
        changes = sum(key(a) != key(b) for a, b in zip(first.trials, first.trials[1:]))
        assert 8 < changes < 32, "neither in blocks nor in turns"
    assert human.begin(POOLS, 20).trials != human.begin(POOLS, 20).trials


def test_two_runs_on_the_same_data_do_not_show_the_same_real_image_twice():
    real = images(40, 7)
    session = human.begin({"a": Pool(1, images(20), real), "b": Pool(1, images(20, 1), real)}, 40, seed=0)
    assert len({image.tobytes() for image in session.images}) == 80
    few = human.begin({"a": Pool(1, images(20), real[:20]), "b": Pool(1, images(20, 1), real[:20])}, 40, seed=0)
    assert len(few.trials) == 80, "where there are too few, they do come again"


@pytest.mark.parametrize("pools, each, options", [
    ({}, 20, {}), (POOLS, 0, {}), (POOLS, 7, {}), (POOLS, 102, {}), (POOLS, 90, {}), (POOLS, 20, {"shown_ms": 10}),
    (POOLS, 20, {"shown_ms": 0})])
def test_what_cannot_be_judged_is_a_sentence(pools, each, options):
    with pytest.raises(BadInput) as refused:
        human.begin(pools, each, **options)
    assert is_a_sentence(str(refused.value))


def test_a_second_click_is_no_verdict_on_the_next_image():
    session = human.begin(POOLS, 2, seed=0)
    assert session.answer(0, REAL) and not session.answer(0, REAL) and not session.answer(2, REAL)
    assert session.number == 1 and not session.answer(None, REAL)
    with pytest.raises(BadInput):
        session.answer(1, "maybe")
    always(session, REAL)
    assert session.done and not session.answer(4, REAL)


@pytest.mark.parametrize("told, kept", [(1.23456, 1.235), (0, 0.0), (-1, None), (math.nan, None), (math.inf, None),
                                        (None, None), ("1", None), (True, None)])
def test_times_are_what_can_be_times(told, kept):
    session = human.begin(POOLS, 2, seed=0)
    session.answer(0, REAL, told, told)
    assert session.verdicts[0][1:] == (kept, kept)


# Rates


def test_who_says_real_of_everything_is_fooled_by_all_and_wrong_in_half():
    found = human.rates([always(human.begin(POOLS, 20, seed=1), REAL).record("a")])
    assert (found.fooling, found.mistaken, found.overall) == (Rate(10, 10), Rate(0, 10), Rate(10, 20))
    found = human.rates([always(human.begin(POOLS, 20, seed=seed), GENERATED).record("b") for seed in (1, 2)])
    assert (found.fooling, found.mistaken, found.overall, found.sessions) == (Rate(0, 20), Rate(20, 20), Rate(20, 40), 2)


def test_rates_at_another_time_or_step_are_not_put_together(store, run):
    for step, shown, wrong in ((60, None, 1), (60, None, 2), (60, 250, 3), (60, 1000, 0), (90, 500, 4)):
        add_judged(store, run, wrong, 10, step=step, shown_ms=shown)
    found = human.by_condition(judgements.kept(store.artifacts(run.id)))
    assert {key: each.overall[:2] for key, each in found.items()} == {
        (90, 500, False): (4, 10), (60, None, False): (3, 20), (60, 1000, False): (0, 10), (60, 250, False): (3, 10)}
    assert [(each.step, each.shown_ms) for each in found] == [(90, 500), (60, None), (60, 1000), (60, 250)]


def test_judges_who_learn_are_not_put_together_with_those_who_do_not(store, run):
    other = add_run(store, zoo(), "Other", architecture="gan")
    add_judged(store, run, 4, 10), add_judged(store, run, 0, 10, feedback=True), add_judged(store, run, 1, 10, feedback=True)
    found = human.by_condition(judgements.kept(store.artifacts(run.id)))
    assert {each.feedback: rates.overall[:2] for each, rates in found.items()} == {False: (4, 10), True: (1, 20)}
    add_judged(store, other, 5, 10)
    shown, chosen = human.comparable({each.id: judgements.kept(store.artifacts(each.id)) for each in (run, other)})
    assert shown == (None, False) and {key: human.rates(each).overall[:2] for key, each in chosen.items()} == {
        run.id: (4, 10), other.id: (5, 10)}, "what both have been judged by, though learners gave more verdicts"


# What is kept


def test_sessions_are_kept_and_read_again(store, run):
    held = store.artifacts(run.id)
    session = human.begin({run.id: POOLS["a"]}, 20, shown_ms=500, feedback=True, seed=5)
    assert judgements.kept(held) == []
    judgements.keep(held, session.record(run.id))
    assert judgements.kept(held) == [], "no verdict yet"
    for number in range(7):
        session.answer(number, GENERATED, 0.5, 0.51)
        judgements.keep(held, session.record(run.id))
    [record] = judgements.kept(held)
    assert record == json.loads(json.dumps(session.record(run.id)))
    assert (record["asked"], len(record["verdicts"]), record["shown_ms"], record["feedback"], record["seed"]) == (
        20, 7, 500, True, 5), "a session that was left counts with what was answered"
    first = record["verdicts"][0]
    assert first == {"truth": session.trials[0].truth, "index": session.trials[0].index, "verdict": GENERATED,
                     "seconds": 0.5, "shown": 0.51}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"step": 60}',
                                     b'{"step": 60, "shown_ms": null, "verdicts": []}',
                                     b'{"step": 60, "shown_ms": 7, "verdicts": [{"truth": "real", "verdict": "real"}]}',
                                     b'{"step": "60", "shown_ms": 500, "verdicts": [{"truth": "real", "verdict": "real"}]}',
                                     b'{"step": 60, "shown_ms": null, "verdicts": [{"truth": [], "verdict": "real"}]}',
                                     b'{"step": 60, "shown_ms": null, "verdicts": [{"truth": "real"}]}'])
def test_a_broken_file_is_left_out(store, run, content):
    add_judged(store, run, 1, 10)
    [whole] = folder_of(store, run.id).glob("judging/*.json")
    whole.with_name(f".partial-7-{whole.name}").write_bytes(whole.read_bytes())
    store.artifacts(run.id).put("judging/000.json", content)
    assert len(judgements.kept(store.artifacts(run.id))) == 1


def test_what_is_kept_is_called_as_the_sessions_call_it():
    assert judgements.TIMES == human.SHOWN and set(judgements.KINDS) == {REAL, GENERATED}


def test_judges_at_once_do_not_lose_each_others_verdicts(store, run):
    held, troubles, seen = store.artifacts(run.id), [], []

    def judge(verdict):
        try:
            session = human.begin({run.id: POOLS["a"]}, 40)
            while not session.done:
                session.answer(session.number, verdict, 0.1)
                judgements.keep(held, session.record(run.id))
                seen.append(len(judgements.kept(held)))
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=judge, args=(verdict,)) for verdict in (REAL, GENERATED, REAL, GENERATED)]
    [each.start() for each in threads], [each.join() for each in threads]
    assert troubles == [] and max(seen) == 4
    found = human.rates(judgements.kept(held))
    assert (found.overall, found.fooling, found.mistaken, found.sessions) == (
        Rate(80, 160), Rate(40, 80), Rate(40, 80), 4)


def test_verdicts_that_cannot_be_kept_are_told(store, run, monkeypatch):
    session = human.begin({run.id: POOLS["a"]}, 2)
    session.answer(0, REAL)

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="No space left") as refused:
        judgements.keep(store.artifacts(run.id), session.record(run.id))
    assert is_a_sentence(str(refused.value))
    monkeypatch.undo()
    store.delete(run.id)
    with pytest.raises(StoreError, match="was deleted") as refused:
        judgements.keep(store.artifacts(run.id), session.record(run.id))
    assert is_a_sentence(str(refused.value)) and not folder_of(store, run.id).exists(), "nor does its folder come again"


# The images


def test_images_are_kept_for_one_checkpoint(store, run):
    held = store.artifacts(run.id)
    assert judgements.pool(held) is None
    add_pool(store, run, step=1000)
    found = judgements.pool(held)
    assert found.step == 1000 and found.generated.shape == (30, 32, 32, 1) and found.real.dtype == np.uint8
    name = add_checkpoint(store, run, step=2000)
    assert judgements.pool(held) is None, "these are not of the newest weights"
    judgements.keep_pool(held, Pool(2000, images(4), images(5)), held.entry(name).version)
    assert [len(judgements.pool(held).generated), len(judgements.pool(held).real)] == [4, 5]
    assert list(artifacts.by_step(held, "judging/", ".npz")) == [2000], "older ones go"
    add_checkpoint(store, run, step=2000)
    assert judgements.pool(held) is None, "the run was resumed, and came to the same step again"


def test_images_that_older_code_drew_are_shown_until_that_step_is_made_again(store, run):
    """It did not note from which weights."""
    held, file = store.artifacts(run.id), io.BytesIO()
    add_checkpoint(store, run, step=1000)
    np.savez_compressed(file, real=images(5), generated=images(4))
    held.put("judging/000001000.npz", file.getvalue())
    assert len(judgements.pool(held).generated) == 4
    with recording(store, run) as recorder, recorder:
        recorder.checkpoint(1000, lambda weights: weights.write(b"others"))
    assert judgements.pool(held) is None


def test_damaged_images_are_drawn_anew(store, run):
    add_pool(store, run)
    held = store.artifacts(run.id)
    [name] = artifacts.by_step(held, "judging/", ".npz").values()
    held.put(name, held.read(name)[:200])
    assert judgements.pool(store.artifacts(run.id)) is None


def test_real_images_are_held_out_ones_where_there_are_any():
    digits = data.load("digits")
    real = human.some_real(digits, 50)
    held_out = {image.tobytes() for image in digits.x_test}
    assert len(real) == 50 and all(image.tobytes() in held_out for image in real)
    assert np.array_equal(real, human.some_real(digits, 50))


@pytest.fixture
def trained(store):
    """A run with weights, untrained ones."""
    run = add_run(store, zoo(), "With weights", architecture="dcgan", values={"filters": 8, "latent": 4, "xla": "off"})
    return with_checkpoint(store, run)


def draw_pool(store, run):
    asking.answer(Question.of("judging_pool", store.workspace, Checkpoint(run.id, 1000, "")))


def test_a_runs_images_are_drawn_once(store, trained, monkeypatch):
    draw_pool(store, trained)
    found = judgements.pool(store.artifacts(trained.id))
    assert found.step == 1000 and found.generated.shape == (human.POOL, 32, 32, 1) == found.real.shape
    assert found.generated.std() > 0 and len(np.unique(found.generated, axis=0)) == human.POOL
    assert np.array_equal(found.real, human.some_real(data.load("digits", size=32)))
    monkeypatch.setattr(data, "load", None)  # would fail
    draw_pool(store, trained)


def test_images_that_cannot_be_drawn_are_a_sentence(store, run, trained, monkeypatch):
    with pytest.raises(BadInput, match="no checkpoint"):
        draw_pool(store, run)
    whole = data.load
    monkeypatch.setattr(data, "load", lambda *_, **options: whole("digits", size=16))
    with pytest.raises(BadInput, match="have changed") as refused:
        draw_pool(store, trained)
    assert is_a_sentence(str(refused.value))


# Beside the other scores


def test_a_comparison_has_the_human_error(store, run):
    other = add_run(store, zoo(), "Other", architecture="gan")
    third = add_run(store, zoo(), "Unseen", architecture="gan", values={"width": 16})
    add_judged(store, run, 8, 20), add_judged(store, run, 6, 20), add_judged(store, run, 1, 20, shown_ms=250)
    add_judged(store, other, 1, 20)
    found = compare(store, [run.id, other.id, third.id], lambda run: Series(store, run).refresh())
    row = next(row for row in found.figures if row.key == "human_error")
    assert row.values == (14 / 40, 1 / 20, None) and row.floor == 0.5 and row.errors[2] is None
    low, high = wilson(14, 40)
    assert row.errors[0] == pytest.approx((high - low) / (2 * 1.96), rel=1e-4)
    assert row.best()[0] == 0 and row.title == "Human error" and "best with 0.35" in " ".join(found.verdict)
    for each in (run, other, third):
        add_judged(store, each, 1, 20, shown_ms=500, feedback=True)
    found = compare(store, [run.id, other.id, third.id], lambda run: Series(store, run).refresh())
    row = next(row for row in found.figures if row.key == "human_error")
    assert row.title == "Human error, shown 500 ms, told at once" and row.values == (0.05,) * 3


def test_the_time_that_most_runs_share_decides(store, run):
    other = add_run(store, zoo(), "Other", architecture="gan")
    add_judged(store, run, 1, 10), add_judged(store, run, 2, 10, shown_ms=250), add_judged(store, other, 3, 10, shown_ms=250)
    add_judged(store, other, 9, 10, shown_ms=250, step=20)
    kept = {each.id: judgements.kept(store.artifacts(each.id)) for each in (run, other)}
    shown, chosen = human.comparable(kept)
    assert shown == (250, False) and {key: human.rates(each).overall[:2] for key, each in chosen.items()} == {
        run.id: (2, 10), other.id: (3, 10)}
    assert human.comparable({run.id: []}) == (human.Manner(), {})
