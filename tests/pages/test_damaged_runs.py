"""Runs of which a part was spoiled: each page shows what is left, and names what is not."""

import json
import sqlite3
from unittest import mock

import pytest

import helpers_visits
from gan_core.errors import BadInput
from gan_core.store import artifacts
from helpers_judging import add_judged
from helpers_pages import add_run, scored
from helpers_runs import cli
from helpers_stores import whole
from helpers_visits import button, click, links, rows, texts, visit
from pages.components import asking

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def run(store, known):
    """Scored, judged, with a view, and with checkpoints of which the newest is cut off."""
    run = scored(store, add_run(store, known, "Spoiled"))
    held = store.artifacts(run.id)
    add_judged(store, run, wrong=2, n=10)
    held.put("views/levels/rows.json", json.dumps({"title": "Levels", "rows": {"0": ["a"]}}).encode())
    held.put("views/levels/000000100.png", held.read(artifacts.sheet_name(100)))
    held.put(artifacts.checkpoint_name(500), whole())
    held.put(artifacts.checkpoint_name(1000), whole()[:-9])
    for name in ("views/odd/rows.json", "scores/000000500-b.json", "judging/odd.json", "recognition/000000500-b.json"):
        held.put(name, b'{"step": "x"')
    return run


NAMED = ("views/odd/rows.json", "scores/000000500-b.json", "judging/odd.json", "recognition/000000500-b.json",
         "checkpoints/000001000.weights.h5")


def told(at):
    return texts(at).replace("\\", "")


def test_the_monitor_names_each_and_shows_the_rest(store, run):
    at = visit("monitor", run=run.id)
    assert [name for name in NAMED if name not in told(at)] == [] and len(at.warning) == len(NAMED)
    assert "Kernel distance" in str(at.table[0].value) and button(at, "Go on") and not at.error


def test_other_pages_go_on(store, run):
    pages = {page: visit(page) for page in ("gallery", "runs", "judge")}
    assert not any(at.exception or at.error for at in pages.values())
    assert "Spoiled" in told(pages["gallery"]) and rows(pages["runs"]) == ["Spoiled"]
    assert "Spoiled" in pages["judge"].multiselect[0].options[0]


def test_a_comparison_names_it_too(store, known, run):
    other = add_run(store, known, "Sound", architecture="dcgan")
    at = visit("compare", runs=f"{run.id},{other.id}")
    assert [name for name in NAMED if name not in told(at)] == [] and not at.error


def test_the_newest_whole_checkpoint_is_offered_and_that_is_said(store, run, monkeypatch):
    monkeypatch.setattr(asking, "answer", mock.Mock(side_effect=BadInput("No process is asked here.")))
    at = visit("inspect", run=run.id)
    assert at.selectbox(key=f"inspect:{run.id}:step").options == ["Step 500"]
    assert "checkpoints/000001000.weights.h5" in told(at) and "Step 500, the newest checkpoint that is whole" in told(at)


def test_who_judges_is_told_which_checkpoint_is_drawn_from(store, known, run):
    images = add_run(store, known, "Images", architecture="dcgan")
    for step, content in ((500, whole()), (1000, whole()[:-9])):
        store.artifacts(images.id).put(artifacts.checkpoint_name(step), content)
    at = visit("judge", runs=images.id)
    assert "checkpoints/000001000.weights.h5" in told(at) and "Step 500, the newest checkpoint that is whole" in told(at)
    store.artifacts(images.id).put(artifacts.checkpoint_name(500), b"")
    at = visit("judge", runs=images.id)
    assert "000000500" in told(at) and "start a new run with its settings" in told(at) and "resume it" not in told(at)


def test_a_run_that_diverged_at_once_offers_a_slower_one_and_no_resume(store, known):
    run = add_run(store, known, "At once", status="diverged", step=0, data="ring")
    at = visit("monitor", run=run.id)
    assert not button(at, "Go on") and links(at, "New run with these settings") == [("train", f"like={run.id}")]
    at = click(at, next(each.label for each in at.button if each.label.startswith("New run with generator rate")))
    slower = next(each for each in store.list() if each.id != run.id)
    assert slower.knobs["generator_rate"] == pytest.approx(run.knobs["generator_rate"] / 10)


@pytest.mark.parametrize("column, value", [("spec", "{"), ("facts", '{"line": "x", "parameters": 7}'), ("step", "many")])
def test_a_damaged_row_takes_no_page_down(store, known, column, value):
    odd, sound = add_run(store, known, "Odd", data="ring"), add_run(store, known, "Sound", data="ring")
    with sqlite3.connect(store.workspace / "catalogue.sqlite") as catalogue:
        catalogue.execute(f"update runs set {column} = ? where id = ?", (value, odd.id))
    catalogue.close()
    pages = {page: visit(page) for page in ("home", "runs", "monitor")} | {"odd": visit("monitor", run=odd.id)}
    assert [page for page, at in pages.items() if at.exception or "failed:" in told(at)] == []
    assert rows(pages["runs"]) == [sound.name, odd.name]
    assert "What is kept of this run is damaged" in told(pages["odd"])


# Values that nobody meant


def odd(run, change):
    spec, facts = json.loads(json.dumps(run.spec)), dict(run.facts)
    change(spec["knobs"], facts)
    return {"spec": spec, "facts": facts}


ODD = [lambda knobs, facts: knobs.update(discriminator_updates=None),
       lambda knobs, facts: knobs.update(generator_updates={}),
       lambda knobs, facts: knobs.update(discriminator_updates="often"), lambda knobs, facts: knobs.update(batch_size={}),
       lambda knobs, facts: knobs.update(batch_size="\ud800"), lambda knobs, facts: knobs.update(latent="\ud800"),
       lambda knobs, facts: knobs.update(generator_updates=10**30), lambda knobs, facts: knobs.update(packing=-1),
       lambda knobs, facts: facts.update(noise={"latent": {}}),
       lambda knobs, facts: facts.update(noise={"latent": "\ud800"}),
       lambda knobs, facts: facts.update(losses={"d_loss": ["D", -1]}),
       lambda knobs, facts: facts.update(losses={"d_loss": 3})]


@pytest.mark.parametrize("change", ODD, ids=range(len(ODD)))
def test_no_value_of_a_setting_takes_a_page_down(store, known, change):
    """As those of a run that came from elsewhere may be."""
    sound, spoiled = (add_run(store, known, name) for name in ("Sound", "Odd"))
    with sqlite3.connect(store.workspace / "catalogue.sqlite") as catalogue:
        for field, value in odd(spoiled, change).items():
            catalogue.execute(f"UPDATE runs SET {field} = ? WHERE id = ?", (json.dumps(value), spoiled.id))
    assert cli("compare", sound.id, spoiled.id, workspace=store.workspace).code == 0
    for page, address in (("compare", {"runs": f"{sound.id},{spoiled.id}"}), ("monitor", {"run": spoiled.id}), ("runs", {}),
                          ("train", {"like": spoiled.id}), ("home", {}), ("gallery", {"run": spoiled.id})):
        assert not visit(page, **address).exception, page
