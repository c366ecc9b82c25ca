"""Runs side by side: who is compared with whom, what noise hides, and what leaves the house as a file."""

import csv
import html
import io
import json
import re

import numpy as np
import pytest
from helpers_compare import side_by_side, store  # noqa: F401 (a fixture)
from helpers_pages import SCORE, add_run, add_sheet, scored, zoo
from helpers_runs import cli, is_a_sentence

from gan_core.compare import parallel
from gan_core.compare.curves import Lines, overlaid
from gan_core.compare.document import as_html
from gan_core.compare.entries import entries, recipe
from gan_core.compare.figures import Figure
from gan_core.compare.report import as_csv, as_text, chart, newest_at, positions, settings_table
from gan_core.compare.scores import comparable
from gan_core.errors import BadInput
from gan_core.store.curves import Series


@pytest.fixture
def two(store):
    return (scored(store, add_run(store, zoo(), architecture="gan"), kernel=0.05),
            scored(store, add_run(store, zoo(), architecture="dcgan"), kernel=0.02))


# Who stands beside whom


def test_runs_that_differ_in_their_seed_alone_are_one_entry(store):
    runs = [add_run(store, zoo(), values={"seed": seed, "sample_every": 50 + seed}) for seed in (2, 0, 1)]
    other = add_run(store, zoo(), values={"batch_size": 32})
    first, second = entries([*runs, other])
    assert [run.id for run in first.runs] == [run.id for run in runs] and second.runs == (other,)
    assert first.run.spec["settings"]["seed"] == 0, "the first seed stands for all"
    assert (first.letter, second.letter) == ("A", "B")
    assert "batch size 128" in first.title and "batch size 32" in second.title, "told apart by what differs"


def test_architectures_need_no_more_than_their_name(two):
    assert [entry.title for entry in entries(two)] == ["gan", "dcgan"]
    assert "seed" not in recipe(two[0]) and recipe(two[0])["batch_size"] == 128


def test_fewer_than_two_and_too_many_are_refused(store, two):
    with pytest.raises(BadInput, match="two runs at least") as error:
        side_by_side(store, two[0])
    assert is_a_sentence(str(error.value))
    many = [add_run(store, zoo(), values={"seed": seed}, sheets_at=(), rows=2) for seed in range(25)]
    with pytest.raises(BadInput, match="at most 24"):
        side_by_side(store, *many)


def test_a_deleted_run_is_named_and_left_out(store, two):
    third = add_run(store, zoo(), architecture="dcgan", values={"filters": 32})
    store.delete(two[0].id)
    found = side_by_side(store, *two, third)
    assert len(found.entries) == 2 and any(two[0].id in sentence for sentence in found.unfair)


# Figures


def figure(values, errors=None, better="lower"):
    return Figure("kernel", "Kernel distance", "", better, ".3f", tuple(values), tuple(errors or [None] * len(values)))


def test_the_best_is_found_in_its_direction_and_noise_hides_small_differences():
    assert figure([3.0, 1.0, 2.0]).best() == (1, [])
    assert figure([3.0, 1.0, 2.0], better="higher").best() == (0, [])
    # 1.96 standard errors of the difference: 1.96 * sqrt(0.3^2 + 0.4^2) = 0.98.
    assert figure([1.0, 1.9, 2.1], [0.3, 0.4, 0.4]).best() == (0, [1])
    assert figure([1.0, None]).best() is None and figure([1.0, 2.0], better="").best() is None
    assert figure([float("nan"), 1.0, 2.0]).best() == (1, [])


def test_seeds_give_a_mean_and_its_standard_error(store):
    seeds = [scored(store, add_run(store, zoo(), values={"seed": seed}), kernel=value)
             for seed, value in enumerate((0.01, 0.02, 0.03))]
    one = scored(store, add_run(store, zoo(), architecture="dcgan"), kernel=0.5)
    found = side_by_side(store, *seeds, one)
    row = next(row for row in found.figures if row.key == "kernel")
    assert row.values == pytest.approx((0.02, 0.5)) and row.floor == pytest.approx(0.0001)
    assert row.errors == pytest.approx((0.01 / np.sqrt(3), 0.001)), "of one seed, the score's own spread"
    assert row.written(0) == "0.02 ± 0.0058"
    assert any("different numbers of seeds" in sentence for sentence in found.unfair)


def test_the_verdict_names_the_best_and_what_speaks_for_the_other(store, two):
    scored(store, two[0], kernel=0.05, recall=0.8, recall_std=0.01)
    found = side_by_side(store, *two)
    assert "dcgan is best with 0.02" in found.verdict[0] and "beyond the noise" in found.verdict[0]
    assert "real data against real data: 0.0001" in found.verdict[0]
    assert any("gan has the better recall" in sentence for sentence in found.verdict)
    assert any("one seed" in sentence for sentence in found.verdict)
    assert all(is_a_sentence(sentence) for sentence in found.verdict)


def test_a_difference_within_the_noise_is_called_one(store, two):
    scored(store, two[0], kernel=0.0215)
    sentence = side_by_side(store, *two).verdict[0]
    assert "cannot be told from it within the noise" in sentence and "A · gan" in sentence


def test_without_scores_nobody_is_ranked(store):
    runs = [add_run(store, zoo(), architecture=name) for name in ("gan", "dcgan")]
    found = side_by_side(store, *runs)
    assert all(row.best() is None for row in found.figures) and "no scores yet" in found.verdict[0]


# What two scores must share


def test_scores_of_other_terms_do_not_stand_beside_each_other():
    one, other = SCORE, SCORE | {"n_fake": 500}
    chosen, said = comparable({"a": [one], "b": [one | {"step": 5}, one | {"step": 9}], "c": [other], "d": []})
    assert set(chosen) == {"a", "b"} and chosen["b"]["step"] == 9
    assert any(sentence.startswith("c was scored under other terms") for sentence in said)
    assert any("Not scored yet: d" in sentence for sentence in said)
    assert comparable({"a": []}) == ({}, [])


# Curves and samples


def test_curves_of_seeds_become_a_mean_and_its_spread(store):
    runs = [add_run(store, zoo(), values={"seed": seed}, rows=0, sheets_at=()) for seed in (0, 1)]
    for run, level in zip(runs, (1.0, 3.0)):
        store.add_rows(run.id, [(step, "g_loss", level, run.started + step) for step in range(1, 1001)])
    found = entries(runs)
    line, = overlaid(found, {run.id: Series(store, run.id).refresh() for run in runs}, "g_loss", "step")
    assert line.seeds == 2 and len(line.x) == 300 and (line.x[0], line.x[-1]) == (1, 1000)
    np.testing.assert_allclose([line.mean[50], line.low[50], line.high[50]], [2.0, 1.0, 3.0])
    seen, = overlaid(found, {run.id: Series(store, run.id).refresh() for run in runs}, "g_loss", "images")
    assert seen.x[-1] == 1000 * 128
    timed, = overlaid(found, {run.id: Series(store, run.id).refresh() for run in runs}, "g_loss", "minutes")
    assert timed.x[-1] == pytest.approx(999 / 60)


def test_a_curve_keeps_its_means_when_it_is_thinned(store):
    run = add_run(store, zoo(), rows=0, sheets_at=())
    store.add_rows(run.id, [(step, "g_loss", float(step % 2), run.started + step) for step in range(1, 3001)])
    line, = overlaid(entries([run]), {run.id: Series(store, run.id).refresh()}, "g_loss", "step")
    np.testing.assert_allclose(line.mean[1:-1], 0.5, atol=0.06)


def test_the_slider_shows_the_newest_sheet_so_far():
    found = [(0.0, "first"), (5.0, "second")]
    assert [newest_at(found, place) for place in (-1, 0, 4.9, 5, 9)] == ["first", "first", "first", "second", "second"]
    assert newest_at([], 3) is None
    assert positions([3, 1, 1, 2], 9) == [1, 2, 3]
    many = positions(range(100), 10)
    assert len(many) == 10 and (many[0], many[-1]) == (0, 99)


def test_sheets_stand_at_their_images_and_minutes(store, two):
    found = side_by_side(store, *two)
    assert [place for place, _ in found.sheets(store, "step")["A"]] == [0, 100, 1000]
    assert [place for place, _ in found.sheets(store, "images")["A"]] == [0, 12_800, 128_000]
    minutes = [place for place, _ in found.sheets(store, "minutes")["A"]]
    assert minutes[0] == 0 and minutes[-1] == pytest.approx(59 / 600, rel=0.02)


def test_scores_of_checkpoints_are_curves_of_equal_terms(store, two):
    for run, level in zip(two, (0.1, 0.2)):
        for step in (200, 600):
            scored(store, run, step=step, n_fake=500, kernel=level * 1000 / step, recall=0.5)
    other = scored(store, add_run(store, zoo(), architecture="lsgan"), step=300, extractor="random:1")
    found = side_by_side(store, *two, other)
    assert found.charts()["score:kernel"] == "Kernel distance of checkpoints"
    a, b = found.lines("score:kernel", "images")
    assert (a.letter, b.letter) == ("A", "B") and a.points
    np.testing.assert_allclose(a.x, [200 * 128, 600 * 128])
    np.testing.assert_allclose([a.mean, b.mean], [[0.5, 1 / 6], [1.0, 1 / 3]])
    assert found.floor("score:kernel") == 0.0001 and found.floor("g_loss") is None
    assert len(found.left_out("score:kernel")) == 1 and found.left_out("score:kernel")[0].startswith("C · lsgan is left out")
    drawn = chart(found.lines("score:kernel", "step"), "x", "step", floor=0.0001)
    assert drawn.data[0].mode == "lines+markers" and drawn.layout.shapes[0].y0 == 0.0001
    assert "score:kernel" not in side_by_side(store, other, add_run(store, zoo())).charts(), "one place is no curve"


def test_checkpoints_of_seeds_share_the_stretch_that_all_have(store):
    seeds = [add_run(store, zoo(), values={"seed": seed}) for seed in (0, 1)]
    for run, steps in zip(seeds, ((100, 300), (200, 400))):
        for step in steps:
            scored(store, run, step=step, kernel=step / 1000)
    line, = side_by_side(store, *seeds).lines("score:kernel", "step")
    np.testing.assert_allclose(line.x, [200, 300])
    np.testing.assert_allclose(line.mean, [0.2, 0.3])
    assert line.seeds == 2
    scored(store, seeds[1], step=400, extractor="random:2")
    store.artifacts(seeds[1].id).remove("scores/000000200-a.json")
    scored(store, seeds[1], step=500)
    apart = side_by_side(store, *seeds).lines("score:kernel", "step")
    assert [(each.letter, each.title.split(", ")[-1], list(each.x)) for each in apart] == [
        ("A", "seed 0", [100, 300]), ("A", "seed 1", [500])]


@pytest.mark.parametrize("fields, told", [
    ({"data": "mnist"}, "other data"), ({"facts": {"probe": "random:9", "noise": {"seed": 0, "latent": 100}}}, "random:9"),
    ({"facts": {}}, None)])
def test_live_scores_share_an_axis_only_on_equal_terms(store, two, fields, told):
    third = add_run(store, zoo(), architecture="lsgan", **fields)
    for run in (*two, third):
        store.add_rows(run.id, [(step, "kernel", 1.0, run.started + step) for step in (1, 2)])
    found = side_by_side(store, *two, third)
    assert [line.letter for line in found.lines("kernel", "step")] == (["A", "B"] if told else ["A", "B", "C"])
    assert [line.letter for line in found.lines("g_loss", "step")] == ["A", "B", "C"]
    assert all(told in sentence and "C · lsgan" in sentence for sentence in found.left_out("kernel"))
    assert len(found.left_out("kernel")) == bool(told) and found.left_out("g_loss") == []


def test_a_curve_of_which_nothing_is_finite_is_none(store):
    runs = [add_run(store, zoo(), architecture=name, rows=0, sheets_at=()) for name in ("gan", "dcgan")]
    store.add_rows(runs[0].id, [(1, "g_loss", float("nan"), runs[0].started)])
    store.add_rows(runs[1].id, [(1, "g_loss", 1.0, runs[1].started)])
    assert [line.letter for line in side_by_side(store, *runs).lines("g_loss", "step")] == ["B"]


def test_an_entry_has_its_colour_in_every_chart(store, two):
    found = side_by_side(store, two[0], two[1])
    both = chart(found.lines("g_loss", "step"), "G loss", "step")
    alone = chart(found.lines("g_loss", "step")[1:], "G loss", "step")
    assert both.data[0].line.color != both.data[1].line.color == alone.data[0].line.color


# What leaves the house


def test_the_report_is_one_file_without_a_link_to_anywhere(store, two):
    page = as_html(side_by_side(store, *two), store)
    assert 'src="http' not in page and "<link rel=\"stylesheet" not in page
    data = json.loads(re.search(r"^const data = (\{.*\});$", page, re.M)[1])
    by_step = data["axes"]["step"]
    assert by_step["places"] == [0, 100, 1000] and set(by_step["order"]) == {"A", "B"}
    assert data["axes"]["images"]["places"] == [0, 12_800, 128_000]
    assert all(data["pictures"][name] for axis in data["axes"].values()
               for names in axis["order"].values() for name in names)
    assert len(by_step["figures"]) >= 3 and "is best with" in page and '<td class="best">0.02' in page
    ends = [each["figures"][0]["layout"]["xaxis"]["title"]["text"] for each in data["axes"].values()]
    assert ends == ["step", "real images seen", "minutes of training"]


@pytest.mark.parametrize("data, word", [("ring", "points"), ("wine", "rows")])
def test_what_was_seen_is_called_by_what_it_is(store, data, word):
    runs = [add_run(store, zoo(), data=data, steps=steps, seconds=seconds)
            for steps, seconds in ((1000, 60.0), (500, 90.0))]
    found = side_by_side(store, *runs)
    assert found.axes()["images"] == f"real {word} seen"
    titles = [figure.title for figure in found.figures]
    assert f"Real {word} seen" in titles and "mages" not in " ".join([*titles, *found.unfair])
    assert f"in {word} seen" in " ".join(found.unfair)
    mixed = side_by_side(store, runs[0], add_run(store, zoo()))
    assert mixed.axes()["images"] == "real samples seen"


def test_pictures_of_the_report_are_as_many_on_three_axes_as_on_one(store, two):
    for step in range(1, 60):
        add_sheet(store, two[0], step)
    data = json.loads(re.search(r"^const data = (\{.*\});$", as_html(side_by_side(store, *two), store), re.M)[1])
    assert len([name for name in data["pictures"] if name.startswith("A")]) <= 24
    assert len(data["axes"]["minutes"]["places"]) > 2


def test_a_run_that_is_deleted_while_the_report_is_made(store, two):
    found = side_by_side(store, *two)
    store.delete(two[0].id)
    with pytest.raises(BadInput, match=f"{two[0].id} was deleted while") as error:
        as_html(found, store)
    assert is_a_sentence(str(error.value))


def test_a_sheet_that_goes_while_the_report_is_made_is_left_out(store, two):
    """A run that is resumed goes back to its checkpoint."""
    found = side_by_side(store, *two)
    sheets = found.sheets

    def then_gone(store, axis):
        listed = sheets(store, axis)
        store.artifacts(two[0].id).remove(listed["A"][-1][1])
        return listed

    object.__setattr__(found, "sheets", then_gone)
    assert "is best with" in as_html(found, store)


def test_names_of_people_cannot_break_the_report(store):
    title = "<a href='http://strangers.example'>x</a><!--<script> &amp;"
    runs = [add_run(store, zoo(), name="</script><b>x<!--<script>", architecture=name) for name in ("gan", "dcgan")]
    for run in runs:
        store.update(run.id, facts=run.facts | {"losses": {"g_loss": [title, "generator"]}})
    page = as_html(side_by_side(store, *runs), store, title="<i>mine</i>")
    assert "<i>mine" not in page and page.count("</script>") == 2
    written = re.search(r"^const data = (\{.*\});$", page, re.M)[1]
    assert "<" not in written, "what opens nothing cannot be left open"
    assert json.loads(written)["axes"]["step"]["figures"][0]["layout"]["title"]["text"] == html.escape(title, quote=False)


def test_what_a_plotly_figure_says_has_no_tags():
    """It makes links of them, in a browser: of titles, of names in the legend, of the names of axes, not of their ticks."""
    title, line = "<a href='http://strangers.example'>x</a>", Lines("A", "<b>x</b>", *[np.arange(2.0)] * 4, 1)
    drawn = chart([line], title, "step")
    assert "<" not in drawn.layout.title.text + drawn.data[0].name
    axis = parallel._axis(title, ["<b>x</b>", "y"])
    assert "<" not in axis["label"] and axis["ticktext"] == ["<b>x</b>", "y"]


def test_the_report_and_the_terminal_say_what_colours_and_scores_mean(store):
    runs = [scored(store, add_run(store, zoo(), data="ring", steps=steps), authenticity=0.4, copy_test=-4.0)
            for steps in (1000, 1020)]
    found = side_by_side(store, *runs)
    page, words = as_html(found, store), "\n".join(as_text(found))
    assert page.count("Orange: generated points. Grey: real ones.") == 1
    for said in (page, words):
        assert "Copy test: about 0 for new samples, below -3 for copies" in html.unescape(said)
    assert "What has no arrow ranks nobody" in page and "Tinted is what differs from most" in page


def test_values_are_marked_where_most_entries_agree(store, two):
    other = add_run(store, zoo(), architecture="dcgan", values={"batch_size": 32})
    found = side_by_side(store, *two, other)
    differing, same = settings_table(found, True), settings_table(found, False)
    assert '<th scope="row">batch size</th><td>128</td><td>128</td><td class="odd">32</td>' in differing
    assert '<th scope="row">data</th><td>digits</td>' in same and "odd" not in same
    assert settings_table(side_by_side(store, two[0], two[1]), True).count("odd") == 0, "of two, none is the usual one"


def test_the_table_as_csv(store, two):
    rows = list(csv.reader(io.StringIO(as_csv(side_by_side(store, *two)))))
    assert rows[0] == ["figure", "unit", "floor", "A · gan", "B · dcgan"]
    kernel = next(row for row in rows if row[0] == "Kernel distance")
    assert [float(value) for value in kernel[2:]] == [0.0001, 0.05, 0.02]
    assert ["setting: architecture", "", "", "gan", "dcgan"] in rows


def test_the_command_line_compares(store, two, tmp_path):
    ids = [run.id for run in two]
    answer = cli("compare", *ids, "--json", "--html", tmp_path / "c.html", "--csv", tmp_path / "c.csv",
                 workspace=store.workspace)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    kernel = next(each for each in found["figures"] if each["key"] == "kernel")
    assert kernel["values"] == [0.05, 0.02] and kernel["best"] == "B" and kernel["within_noise"] == []
    assert (tmp_path / "c.html").stat().st_size > 1e6 and (tmp_path / "c.csv").exists()
    text = cli("compare", *ids, workspace=store.workspace).out
    assert "0.02 ± 0.001*" in text and "cannot be told from it" in text
    refused = cli("compare", ids[0], workspace=store.workspace)
    assert refused.code == 2 and is_a_sentence(refused.err)
    gone = cli("compare", ids[0], "nothing", workspace=store.workspace)
    assert gone.code == 2 and is_a_sentence(gone.err)
