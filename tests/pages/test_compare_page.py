"""The Compare page: chosen by address or by hand, one slider for all, scored in the background, and its downloads."""

import json
import re

import pytest

from gan_core.compare import document
from gan_core.compare.parallel import parallel, varied
from gan_core.tasks import background
from helpers_pages import add_run, add_sheet, scored
from helpers_visits import button, click, drawn, known, store, texts, visit  # noqa: F401 (fixtures among them)
from pages.components import comparison_view


@pytest.fixture
def two(store, known):
    return (scored(store, add_run(store, known, "Plain", architecture="gan"), kernel=0.05),
            scored(store, add_run(store, known, "Deep", architecture="dcgan"), kernel=0.02))


def sheets(at):
    """``(rows, places)`` of the slider."""
    data = next(found for each in at.get("bidi_component") if "rows" in (found := json.loads(each.proto.json)))
    assert all(len(row["sheets"]) == len(data["places"]) for row in data["rows"])
    return data["rows"], data["places"]


def compared(*runs):
    return visit("compare", runs=",".join(run.id for run in runs))


def test_an_empty_workspace_says_what_to_do(store):
    assert "Choose two runs" in texts(visit("compare"))


def test_a_link_opens_the_comparison(two):
    at = compared(*two)
    said = texts(at)
    assert at.multiselect(key="compare:runs").value == [run.id for run in two]
    assert "dcgan is best with 0.02" in said and "one seed" in said
    rows, places = sheets(at)
    assert places == ["0", "100", "1,000"] and [row["title"] for row in rows] == ["A · gan", "B · dcgan"]
    table = next(each.proto.body for each in at.get("html") if "Kernel distance" in each.proto.body)
    assert re.search(r"Kernel distance ↓</th><td>0\.05\s±[^<]*</td><td class=\"best\">0\.02", table), "the best is marked"


def test_the_address_follows_what_is_chosen(two, store, known):
    third = add_run(store, known, "Third", architecture="dcgan", values={"filters": 32})
    at = compared(*two)
    drawn(at.multiselect(key="compare:runs").select(third.id).run())
    assert list(at.query_params["runs"]) in ([",".join(run.id for run in (*two, third))],
                                             list(",".join(run.id for run in (*two, third))))


def test_every_place_of_the_slider_has_each_runs_newest_sheet(two, store, known):
    late = add_run(store, known, "Late", architecture="lsgan", sheets_at=(100, 500))
    rows, places = sheets(compared(*two, late))
    assert places == ["0", "100", "500", "1,000"]
    assert [[sheet["caption"] for sheet in row["sheets"]] for row in rows] == [
        ["Step 0", "Step 100", "Step 100", "Step 1,000"]] * 2 + [["Step 100", "Step 100", "Step 500", "Step 500"]]
    assert all(sheet["address"].endswith(".png") for row in rows for sheet in row["sheets"])


def test_large_sheets_have_fewer_places(two, store, monkeypatch):
    for step in range(1, 100):
        add_sheet(store, two[0], step)
    assert len(sheets(compared(*two))[1]) == 60
    monkeypatch.setattr(comparison_view, "HELD", 1)
    rows, places = sheets(compared(*two))
    assert len(places) == 12 and places[-1] == "1,000"


@pytest.mark.parametrize("axis, last", [("images", "128,000"), ("minutes", "0.1 min")])
def test_the_slider_goes_by_images_and_time_too(two, axis, last):
    at = compared(*two)
    drawn(at.segmented_control(key="compare:axis").set_value(axis).run())
    assert sheets(at)[1][-1] == last


def test_a_deleted_run_is_told_and_left_out(two, store, known):
    third = add_run(store, known, "Third", architecture="dcgan", values={"filters": 32})
    store.delete(two[0].id)
    at = compared(*two, third)
    assert any(two[0].id in each.value for each in at.warning)
    assert len(sheets(at)[0]) == 2


def test_runs_that_are_deleted_while_they_are_compared_are_told_once(two, store, known):
    third = add_run(store, known, "Third", architecture="dcgan", values={"filters": 32})
    fourth = add_run(store, known, "Fourth", architecture="gan", values={"width": 32})
    at = compared(*two, third)
    store.delete(two[0].id)
    drawn(at.run())
    assert any(f"{two[0].id} is not here any more" in each.value for each in at.warning)
    assert at.multiselect(key="compare:runs").value == [two[1].id, third.id]
    drawn(at.multiselect(key="compare:runs").select(fourth.id).run())
    assert not any("not here any more" in each.value for each in at.warning), "who chooses anew has read it"
    for run in (two[1], third, fourth):
        store.delete(run.id)
    drawn(at.run())
    assert any("choose others" in each.value for each in at.warning) and not at.subheader


def test_other_data_are_not_ranked(two, store, known):
    other = scored(store, add_run(store, known, "Other", data="mnist"))
    said = texts(compared(two[0], other))
    assert "different data" in said and "none is called better" in said


def test_scoring_starts_in_the_background_and_shows_its_progress(two, store):
    click(compared(*two), "Score these runs")
    records = store.tasks.list(kind="score")
    assert {record.run for record in records} == {run.id for run in two}
    assert sorted(record.status for record in records) == ["queued", "running"], "one after the other"
    running = next(record for record in records if record.status == "running")
    store.tasks.update(running.id, share=0.4, words="features", left=30.0)
    at = compared(*two)
    assert button(at, "Score these runs") is None and button(at, "Stop")
    said = [bar.proto.text for bar in at.get("progress")]
    assert any("features, about 30 s left" in text for text in said) and any("waiting for its turn" in text for text in said)


def test_what_could_not_be_scored_is_told(two, store):
    record = background.start(store, "score", two[0])
    store.tasks.move(record.id, "failed", only_from=("running",), message="Plain could not be scored: it has no checkpoint.")
    at = compared(*two)
    assert any("no checkpoint" in each.value for each in at.warning) and button(at, "Score these runs")


def test_three_scored_runs_have_their_settings_drawn_against_the_score(two, store, known):
    third = scored(store, add_run(store, known, "Third", architecture="dcgan", values={"filters": 32}), kernel=0.03)
    at = compared(*two, third)
    assert any(each.label == "Settings against score" for each in at.expander)
    other = scored(store, add_run(store, known, "Other", architecture="dcgan", data="mnist"))
    assert not any(each.label == "Settings against score" for each in compared(*two, other).expander)


def test_settings_are_numbers_words_and_what_is_not_there(two, store, known):
    third = scored(store, add_run(store, known, "Third", architecture="dcgan", values={"filters": 32, "optimizer": "sgd"}))
    runs = [*two, third]
    names = varied(runs)
    assert {"filters", "optimizer"} <= set(names) and "batch_size" not in names and "data" not in names
    assert names.index("optimizer") < names.index("filters"), "what more of the runs have comes first"
    figure = parallel(runs, [0.05, 0.02, 0.03], names)
    axes = {each.label: each for each in figure.data[0].dimensions}
    assert list(axes["kernel distance"].values) == [0.05, 0.02, 0.03]
    read = {label: [dict(zip(axes[label].tickvals, axes[label].ticktext))[value] for value in axes[label].values]
            for label in ("architecture", "filters", "optimizer")}
    assert read == {"architecture": ["gan", "dcgan", "dcgan"], "filters": ["none", "64", "32"],
                    "optimizer": ["adam", "adam", "sgd"]}
    assert list(axes["filters"].ticktext) == ["none", "32", "64"], "what is not there lowest, then by size"


def test_two_seeds_of_one_recipe_have_a_sentence_and_no_empty_box(store, known):
    runs = [add_run(store, known, "Seed", values={"seed": seed}) for seed in (0, 1)]
    at = compared(*runs)
    assert "There are no scores yet" in at.info[0].value and all(each.value for each in at.info)
    for run, kernel in zip(runs, (0.01, 0.03)):
        scored(store, run, kernel=kernel)
    assert any("One recipe over 2 seeds: kernel distance 0.02 ± 0.01" in each.value for each in compared(*runs).info)


def test_what_the_same_noise_means_stands_above_the_samples(two, store):
    store.update(two[1].id, facts=two[1].facts | {"noise": {"seed": 0, "latent": 64}})
    assert any("the first 64 of them" in each.value for each in compared(*two).caption)


def test_a_run_that_is_deleted_while_the_report_is_made_is_a_sentence(two, store, known, monkeypatch):
    third = add_run(store, known, "Third", architecture="lsgan")
    at = compared(*two, third)
    chosen = document.positions

    def while_it_is_made(*arguments):
        if third.id in {run.id for run in store.list()}:
            store.delete(third.id)
        return chosen(*arguments)

    monkeypatch.setattr(document, "positions", while_it_is_made)
    at = click(at, "Make the report")
    assert any(f"{third.id} was deleted while" in each.value for each in at.error)
    assert not any("Download the report" in each.label for each in at.get("download_button"))


def test_the_report_is_made_when_asked_for(two):
    at = click(compared(*two), "Make the report")
    labels = [each.label for each in at.get("download_button")]
    assert {"Download the report", "Download the figures (CSV)"} <= set(labels)


def test_architectures_are_trained_under_one_budget(store):
    at = visit("compare")
    drawn(at.selectbox(key="data:name").set_value("digits").run())
    drawn(at.selectbox(key="plan:budget").set_value("Steps").run())
    drawn(at.number_input(key="plan:steps").set_value(70).run())
    drawn(at.number_input(key="plan:seeds").set_value(2).run())
    at = click(at, "Train 4 runs")
    runs = store.list()
    assert len(runs) == 4 and {run.steps for run in runs} == {70}
    assert {(run.architecture, run.spec["settings"]["seed"]) for run in runs} == {
        (name, seed) for name in ("gan", "dcgan") for seed in (0, 1)}
    assert {run.spec["knobs"]["batch_size"] for run in runs} == {64}
