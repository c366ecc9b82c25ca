"""What stands in an address was written by anybody: a page that cannot use it says so in words, and never fails."""

import pytest

import helpers_visits
from gan_core.store.artifacts import checkpoint_name
from gan_core.store.task_records import new_task
from helpers_pages import add_run
from helpers_stores import whole
from helpers_strangers import ELSEWHERE
from helpers_visits import visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
PLACES = [("monitor", "run"), ("gallery", "run"), ("draw", "run"), ("inspect", "run"), ("tasks", "run"), ("compare", "runs"),
          ("judge", "runs"), ("architectures", "family"), ("architectures", "compare"), ("train", "like"),
          ("train", "architecture"), ("laboratory", "state"), ("compare", "view"), ("runs", "view"), ("sweep", "sweep"),
          ("draw", "step"), ("inspect", "step")]
WRITTEN = [f"../../x ![x]({ELSEWHERE}/a.png) $x^2$ **b** %s{{0}}", "x" * 5000, "\x00\x1b[31m\u202e",
           "a,a,," + ",".join(map(str, range(900)))]


@pytest.mark.parametrize("page, name", PLACES, ids=lambda word: word)
def test_an_address_may_hold_anything(store, known, page, name):
    run = add_run(store, known, "Mine", architecture="dcgan")
    store.artifacts(run.id).put(checkpoint_name(1000), whole())
    store.tasks.create(new_task("score", run.id, status="stopped", ended=2.0))
    for written in WRITTEN:
        at = visit(page, **{name: written})
        assert name != "step" or any("keeps no checkpoint of step" in each.value for each in at.warning)
        kinds = ("markdown", "caption", "info", "warning", "error")
        drawn = [each.value for kind in kinds for each in at.get(kind)]
        assert not any("![x](" in each or "$x^2$" in each for each in drawn)
        assert len(at.warning) + len(at.error) < 8, "not a sentence for each of many"
        assert max(map(len, drawn), default=0) < 4000


def test_the_names_in_an_address_are_taken_once(store, known):
    first, second = add_run(store, known, "First"), add_run(store, known, "Second")
    at = visit("compare", runs=f"{second.id},{second.id},{first.id},{second.id}")
    assert at.multiselect(key="compare:runs").value == [second.id, first.id]
    assert at.query_params["runs"] == f"{second.id},{first.id}"
