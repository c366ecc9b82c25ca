"""What a comparison refuses to rank, and what it says of runs that are hard to compare."""

import json
import re

import pytest
from helpers_judging import add_judged
from helpers_compare import side_by_side, store  # noqa: F401 (a fixture)
from helpers_pages import add_run, scored, zoo
from helpers_runs import is_a_sentence

from gan_core.compare.curves import AXES
from gan_core.compare.document import BEFORE, as_html
from gan_core.compare.report import GREY, as_text, chart, figures_table
from gan_core.store import lineage
from gan_core.store.curves import Series


def told(store, *runs):
    """What is unfair, each a sentence."""
    found = side_by_side(store, *runs).unfair
    assert all(is_a_sentence(sentence) for sentence in found)
    return found


# Other data


@pytest.fixture(params=["data", "size"])
def unlike(request, store):
    """Two runs of other data, or of other sizes, scored on equal terms and judged by people."""
    runs = [add_run(store, zoo(), data=data, architecture="dcgan") for data in (
        ("digits", "mnist") if request.param == "data" else ("digits", "digits"))]
    if request.param == "size":
        store.update(runs[1].id, spec=runs[1].spec | {"shape": [16, 16, 1], "size": 16})
    for run, kernel in zip(runs, (0.05, 0.02)):
        add_judged(store, scored(store, run, kernel=kernel, precision=0.5), wrong=3, n=10)
    return [store.get(run.id) for run in runs]


def test_what_learned_something_else_is_ranked_nowhere(store, unlike):
    found = side_by_side(store, *unlike)
    assert any("different" in sentence and "cannot be ranked" in sentence for sentence in found.unfair)
    assert found.verdict == ["These runs learned different things, so none is called better."]
    plain = json.loads(json.dumps(found.as_dict()))
    rows = {row["key"]: row for row in plain["figures"]}
    assert {"kernel", "recall", "precision", "human_error"} <= set(rows)
    assert all(row["best"] is None and row["within_noise"] == [] and row["floor"] is None for row in rows.values())
    table = figures_table(found)
    assert "Kernel distance" in table and 'class="best"' not in table and "≈" not in table and "↓" not in table
    assert 'class="best"' not in as_html(found, store)
    text = list(as_text(found))
    assert any("0.05 ± 0.001" in line for line in text) and not any("*" in line or "~" in line for line in text)


def test_a_size_that_is_the_datas_own_is_none_that_differs(store):
    one, other = (scored(store, add_run(store, zoo(), architecture=name), kernel=kernel)
                  for name, kernel in (("gan", 0.05), ("dcgan", 0.02)))
    store.update(other.id, spec=other.spec | {"size": None})
    found = side_by_side(store, one, store.get(other.id))
    assert found.unfair == [] and "dcgan is best" in found.verdict[0]


# Budgets and endings


def test_budgets_that_are_equal_in_images_or_in_time_are_equal(store):
    base = add_run(store, zoo(), seconds=600.0, steps=1000)
    same_images = add_run(store, zoo(), architecture="dcgan", seconds=900.0, steps=1000)
    same_time = add_run(store, zoo(), architecture="dcgan", seconds=620.0, steps=500, sheets_at=(0,))
    neither = add_run(store, zoo(), architecture="dcgan", seconds=900.0, steps=500, sheets_at=(0,))
    for other in (same_images, same_time):
        assert told(store, base, other) == []
    said, = told(store, base, neither)
    assert "in steps (A 1,000, B 500) and in images seen (A 128,000, B 64,000) and in time (A 10.0 min, B 15.0 min)" in said


def test_equal_steps_of_other_batches_are_another_budget(store):
    small, large = (add_run(store, zoo(), seconds=seconds, values={"batch_size": batch})
                    for batch, seconds in ((32, 100.0), (256, 500.0)))
    said, = told(store, small, large)
    assert "in images seen (A 32,000, B 256,000)" in said and "though not in steps" in said


def test_budgets_of_all_seeds_count(store):
    seeds = [add_run(store, zoo(), steps=steps, seconds=seconds, values={"seed": seed}, sheets_at=(0,))
             for seed, (steps, seconds) in enumerate([(1000, 60.0), (1000, 60.0)])]
    store.update(seeds[1].id, step=300, seconds=18.0)
    other = add_run(store, zoo(), architecture="dcgan", seconds=60.0)
    said = told(store, *(store.get(run.id) for run in seeds), other)
    assert any("A 300 to 1,000, B 1,000" in sentence for sentence in said)


@pytest.mark.parametrize("status, words", [("diverged", "diverged at step 300 of 1,000"), ("failed", "failed at step 300"),
                                           ("stopped", "was stopped at step 300"), ("running", "goes on at step 300"),
                                           ("lost", "ended without a word at step 300"), ("queued", "has not begun")])
def test_how_every_seed_ended_is_told(store, status, words):
    runs = [add_run(store, zoo(), values={"seed": 0}),
            add_run(store, zoo(), values={"seed": 1}, status=status, step=0 if status == "queued" else 300)]
    said = [each for each in told(store, *runs, add_run(store, zoo(), architecture="dcgan")) if "their end" in each]
    assert len(said) == 1 and f"A (seed 1) {words}" in said[0] and "seed 0" not in said[0]


def test_runs_of_one_seed_are_no_further_seeds(store):
    assert any("same seed" in each for each in told(store, *(add_run(store, zoo()) for _ in range(2))))
    assert told(store, *(add_run(store, zoo(), values={"seed": seed}) for seed in (0, 1))) == []


def test_a_score_of_an_older_checkpoint_is_told(store):
    old = scored(store, add_run(store, zoo()), step=500)
    new = scored(store, add_run(store, zoo(), architecture="dcgan"))
    assert told(store, old, new) == ["Some scores are not of the last step: A (step 500 of 1,000); score these runs again."]


def test_runs_without_scores_have_their_letters(store):
    runs = [scored(store, add_run(store, zoo())), add_run(store, zoo(), architecture="dcgan"),
            scored(store, add_run(store, zoo(), architecture="lsgan"), n_fake=77)]
    said = told(store, *runs)
    assert "Not scored yet: B." in said and any(each.startswith("C was scored under other terms") for each in said)


# The same noise


@pytest.mark.parametrize("noise, words", [
    ({"seed": 0, "latent": 100}, None), ({"seed": 0, "latent": 128}, "the first 100 of them"), (None, "An older version"),
    ({"seed": 0, "uniform": 64}, "B is drawn from another kind of noise"),
    ({"seed": 0}, "B is given pictures and takes no noise"),
    ({"seed": 0, "latent": 100, "label": 10}, "Each row of B is a class")])
def test_what_the_same_noise_means_is_said(store, noise, words):
    one, other = add_run(store, zoo()), add_run(store, zoo(), architecture="dcgan")
    store.update(other.id, facts=other.facts | {"noise": noise})
    found = side_by_side(store, one, store.get(other.id))
    assert all(is_a_sentence(each) for each in found.noises)
    assert [words in each for each in found.noises] == ([True] if words else [])
    assert not words or words in as_html(found, store)


def test_sheets_of_what_is_made_of_pictures_are_not_said_to_be_of_noise(store):
    plain, pairs, others = (add_run(store, zoo(), architecture=name, data=data) for name, data in (
        ("gan", "digits"), ("pix2pix", "digits+noisy"), ("pix2pix", "digits+masked")))
    again = add_run(store, zoo(), architecture="pix2pix", data="digits+noisy", values={"l1": 10.0})
    titles = [side_by_side(store, *runs).sheets_title() for runs in (
        (plain, add_run(store, zoo())), (pairs, again), (pairs, others), (plain, pairs))]
    assert titles == ["Samples from the same noise", "What is made of the same sources", "Samples", "Samples"]
    assert side_by_side(store, plain, pairs).legends() == [
        "B: Rows in turn: sources, their true pictures, what was made of the sources."]
    assert side_by_side(store, pairs, again).legends() == [
        "Rows in turn: sources, their true pictures, what was made of the sources."]
    assert "<h2>Samples</h2>" in as_html(side_by_side(store, plain, pairs), store)


# Forks


@pytest.fixture
def descent(store):
    """A run of 1,000 steps, one that is its fork at step 500 and went on to 1,000, and what led there."""
    parent = add_run(store, zoo())
    past = lineage.Parent(parent.id, 500, {"generator_rate": [2e-4, 1e-5]}, 60.0, 500 * 128)
    child = add_run(store, zoo(), values={"generator_rate": 1e-5}, rows=0, parent=past.as_dict())
    store.add_rows(child.id, [(step, "g_loss", 1.0, child.started + step) for step in range(501, 521)])
    return parent, child


def test_a_fork_has_had_what_led_to_it(store, descent):
    parent, child = descent
    found = side_by_side(store, *descent)
    said, = [sentence for sentence in found.unfair if "is a fork" in sentence]
    assert is_a_sentence(said) and f"at step 500 of the run {parent.id}" in said and "generator rate 1e-05" in said
    values = {figure.key: figure.values for figure in found.figures}
    assert values["minutes"][1] == pytest.approx(values["minutes"][0] + 1.0)
    batch = child.knobs["batch_size"]
    assert values["images"][1] == 500 * 128 + 500 * batch
    fork = found.entries[1]
    for axis, first in (("step", 501), ("images", 500 * 128 + batch), ("minutes", 1.0)):
        line, = [line for line in found.lines("g_loss", axis) if line.letter == fork.letter]
        assert line.x[0] == pytest.approx(first)
        grey, = found.before("g_loss", axis, lambda run: lineage.Past(
            lineage.ancestors(store, run), lambda run_id: Series(store, run_id).refresh()))
        assert grey.before and grey.x[-1] <= line.x[0] + 1e-9 and len(grey.x) > 10
    assert "before B" in [trace.name for trace in chart([], "a", "b", before=[grey]).data]


def test_the_report_shows_in_grey_what_led_to_a_fork(store, descent):
    parent, child = descent
    other = add_run(store, zoo(), values={"beta_1": 0.0})

    def grey(*runs):
        page = as_html(side_by_side(store, *runs), store)
        axes = json.loads(re.search(r"^const data = (\{.*\});$", page, re.M)[1])["axes"]
        drawn = {(axis, trace.get("name")) for axis, of in axes.items() for figure in of["figures"]
                 for trace in figure["data"] if trace.get("line", {}).get("color") == GREY}
        assert bool(drawn) == (BEFORE in page), "it is said what grey means"
        return drawn

    assert grey(child, other) == {(axis, "before A") for axis in AXES}
    assert grey(parent, child) == set(), "it is shown anyway"
    assert grey(parent, other) == set()
    store.delete(parent.id)
    assert grey(child, other) == set(), "nobody knows it any more"


def test_a_fork_with_nothing_changed_is_no_seed_of_its_parent(store, descent):
    parent, child = descent
    store.update(child.id, spec=parent.spec, parent=child.parent | {"changed": {}})
    found = side_by_side(store, parent, child)
    assert [len(entry.runs) for entry in found.entries] == [1, 1]
    assert "begins at step 500" in found.entries[1].title.replace("_", " ")
