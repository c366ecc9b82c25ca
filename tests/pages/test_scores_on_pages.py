"""A run's scores on its Monitor page: each beside its floor, and measured at a click."""

import time

import pytest

import helpers_visits
from gan_core.store import artifacts
from gan_core.tasks import background
from helpers_pages import add_run, scored
from helpers_stores import whole
from helpers_visits import button, click, drawn, texts, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def run(store, known):
    found = add_run(store, known, "Judged")
    for step in (500, 1000):
        store.artifacts(found.id).put(artifacts.checkpoint_name(step), whole())
    return found


def table(at):
    return at.table[0].value


def test_every_score_stands_beside_its_floor_and_says_what_it_was_measured_by(store, run):
    scored(store, run, step=500, kernel=0.011, kernel_std=0.002, vendi=7.5, notes=["Nothing was kept."])
    scored(store, run, step=1000, kernel=0.5)
    at = visit("monitor", run=run.id)
    found = table(at)
    assert found.loc["Kernel distance"].tolist() == ["0.011 ± 0.002", "0.0001", "lower"]
    assert found.loc["Vendi score"].tolist() == ["7.5", "–", "nearer"] and "Fréchet distance" not in found.index
    said = texts(at).replace("\\", "")
    assert "Step 500, the best of its checkpoints by kernel distance" in said and "Nothing was kept." in said
    assert "1,000 generated against 1,000 real samples; features by classifier-digits:ab12" in said
    at = drawn(at.selectbox(key=f"monitor:scores:{run.id}").set_value(1).run())
    assert table(at).loc["Kernel distance", "Generated"] == "0.5 ± 0.001"
    assert "Step 1,000, not the best of its checkpoints" in texts(at).replace("\\", "")


def test_scores_of_other_counts_than_their_floor_are_shown_at_its_counts_too(store, run):
    scored(store, run, frechet=3.0, frechet_floor=5.0, frechet_at_floor_counts=5.1, n_real_floor=500, n_fake_floor=500)
    at = visit("monitor", run=run.id)
    assert table(at).loc["Fréchet distance"].tolist() == ["3", "5.1", "5", "lower"]
    assert "real samples against each other: 500 against 500" in texts(at).replace("\\", "")


def test_scores_that_rank_nobody_say_what_they_mean(store, run):
    scored(store, run, authenticity=0.4, authenticity_floor=0.5, copy_test=-4.0)
    at = visit("monitor", run=run.id)
    assert table(at).loc["Authenticity"].tolist() == ["0.4", "0.5", "see below"]
    said = texts(at)
    assert "Authenticity: share of samples that sit on no training sample" in said and "Copy test: about 0" in said


def test_a_click_scores_every_checkpoint_and_then_more_samples(store, run):
    at = visit("monitor", run=run.id)
    assert "Not scored yet" in texts(at) and not at.table[0].value.index.tolist().count("Kernel distance")
    at = click(at, "Score this run")
    store.tasks.move(store.tasks.list()[0].id, "finished", only_from=("running",))
    for step in (500, 1000):
        scored(store, run, step=step)
    at = click(drawn(at.run()), "Score it with more samples")
    assert [record.config["every"] for record in store.tasks.list(run=run.id)] == [False, True]


def test_progress_is_shown_with_the_time_left_and_can_be_stopped(store, known, run):
    record = background.start(store, "score", run)
    store.tasks.update(record.id, share=0.4, words="features", left=30.0)
    at = visit("monitor", run=run.id)
    bar, = [each for each in at.get("progress") if each.text.startswith("Score")]
    assert "features, about 30 s left" in bar.text and not button(at, "Score this run")
    for fields, status, words in (
            ({"started": 1.0, "heartbeat": 2.0}, "stopped", "waiting for the processor"),
            ({"heartbeat": time.time() + 600}, "running", "with what training leaves of the processor")):
        add_run(store, known, "Busy", status=status)
        store.tasks.update(record.id, **fields)
        at = visit("monitor", run=run.id)
        assert any(f"features, {words}" in each.text for each in at.get("progress")), words
    click(at, "Stop")
    assert store.tasks.get(record.id).status == "stopping"
    other = add_run(store, known, "Another")
    store.artifacts(other.id).put(artifacts.checkpoint_name(1000), whole())
    at = click(visit("monitor", run=other.id), "Score this run")
    assert any("waiting for its turn" in each.text for each in at.get("progress")), "it waits for the other one"


def test_what_went_wrong_with_this_run_is_told_and_that_of_others_is_not(store, known, run):
    for each, why in ((run, "it is ill."), (add_run(store, known, "Another"), "it was deleted.")):
        record = background.start(store, "score", each)
        store.tasks.move(record.id, "failed", only_from=("queued", "running"), message=f"{each.id} failed: {why}")
    warnings = [each.value for each in visit("monitor", run=run.id).warning]
    assert len(warnings) == 1 and "it is ill" in warnings[0].replace("\\", "")


def test_a_run_that_trains_or_has_no_checkpoint_is_not_scored(store, known):
    assert "once it has ended" in texts(visit("monitor", run=add_run(store, known, status="running", step=300).id))
    at = visit("monitor", run=add_run(store, known, "Bare").id)
    assert "nothing to score" in texts(at) and not button(at, "Score this run")
