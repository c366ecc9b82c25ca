"""Lines of descent: who comes before a run and after it, whatever became of them, and what led to where it began."""

import dataclasses

import numpy as np
import pytest

import helpers_stores
from gan_core.errors import BadInput
from gan_core.store import STOPPED, lineage
from gan_core.store.curves import Series
from gan_core.store.lineage import Parent, Past
from gan_core.store.rewinding import rewind
from gan_core.store.run import DAMAGED
from helpers_runs import is_a_sentence, make_run

store = helpers_stores.store  # a fixture


def child_of(store, run, step, seconds=0.0, samples=0, status=STOPPED, **changed):
    parent = Parent(run.id, step, {name: list(pair) for name, pair in changed.items()}, seconds, samples)
    return make_run(store, parent=parent.as_dict(), step=step, status=status, knobs={"batch_size": 10})


@pytest.fixture
def line(store):
    """``(store, first, second, third)``: a run, its fork at step 10, and a fork of that at step 20; thirty steps each."""
    first = make_run(store, status=STOPPED, knobs={"batch_size": 4})
    second = child_of(store, first, 10, 60.0, 40, batch_size=(4, 10))
    third = child_of(store, second, 20, 180.0, 140)
    for number, run in enumerate((first, second, third)):
        store.add_rows(run.id, [(step, "g_loss", 100.0 * number + step, 6.0 * step)
                                for step in range(run.step + 1, run.step + 31)])
    return store, first, second, third


def test_ancestors_and_children(line):
    store, first, second, third = line
    assert [(parent.step, run.id) for parent, run in lineage.ancestors(store, third)] == [(20, second.id), (10, first.id)]
    assert lineage.ancestors(store, first) == []
    assert [run.id for run in lineage.children(store.list(), first)] == [second.id]
    store.delete(first.id)
    assert [(parent.id, run and run.id) for parent, run in lineage.ancestors(store, third)] == [
        (second.id, second.id), (first.id, None)]


def test_a_circle_that_a_pack_may_say_ends(store):
    one = make_run(store, status=STOPPED)
    other = child_of(store, one, 5)
    store.update(one.id, parent=Parent(other.id, 5).as_dict())
    assert [run.id for _, run in lineage.ancestors(store, store.get(one.id))] == [other.id]


def test_the_past_is_each_ones_part(line):
    store, first, second, third = line
    past = Past(lineage.ancestors(store, third), lambda run_id: Series(store, run_id).refresh())
    step, value, minutes, samples = past.curve("g_loss")
    assert step.tolist() == list(range(1, 21)) and "g_loss" in past and "d_loss" not in past
    assert value.tolist() == [*map(float, range(1, 11)), *(100.0 + step for step in range(11, 21))]
    assert np.all(np.diff(minutes) > 0) and minutes[10] == pytest.approx(1.0), "it goes on where its parent had come to"
    assert samples[9] == 40 and samples[10] == 50 and lineage.samples_seen(third, [20, 21]).tolist() == [140, 150]
    store.delete(second.id)
    gone = Past(lineage.ancestors(store, third), lambda run_id: Series(store, run_id).refresh())
    assert len(gone.curve("g_loss")[0]) == 0 and lineage.minutes_before(third) == 3.0


@pytest.mark.parametrize("parent", [{"id": "x"}, {"id": 5, "step": 1}, {"id": "x", "step": 1, "changed": {"a": 1}},
                                    {"id": "x", "step": 1, "seconds": "long"}])
def test_what_is_damaged_is_no_parent_and_is_said(store, parent):
    run = store.get(make_run(store, parent=parent).id)
    assert run.parent == {} and run.message.startswith(DAMAGED) and "parent" in run.message
    assert lineage.parent_of(run) is None


def test_a_fork_without_its_checkpoint_does_not_begin_anew(store):
    run = child_of(store, make_run(store, status=STOPPED), 10, status="queued")
    attempt = store.claim(run.id, parallel=1)
    with pytest.raises(BadInput, match="fork its parent again") as refused:
        rewind(store, dataclasses.replace(run, attempt=attempt))
    assert is_a_sentence(str(refused.value))


def test_changes_in_words():
    assert lineage.in_words({"generator_rate": [2e-4, 1e-5], "loss": ["hinge", "minimax"]}) == (
        "generator rate 1e-05 (was 0.0002), loss minimax (was hinge)")
    assert lineage.in_words({}) == "nothing"
