"""Reports: kept under a title, read, written, frozen; as one file; on the page and on the command line."""

import json

import pytest

import helpers_visits
from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.reporting import panels, writing
from gan_core.reporting.panels.base import Source
from gan_core.store import reports
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import click, drawn, in_address, texts, visit
from pages.components import report_view

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
TEXT = {"kind": "text", "text": "# What came of it\n\n**Deep** is better."}


@pytest.fixture
def two(store, known):
    return [add_run(store, known, name, architecture=architecture).id for name, architecture in (
        ("Plain", "gan"), ("Deep", "dcgan"))]


def parts(two, *kinds):
    return [TEXT, *({"kind": kind, "runs": two, "chosen": []} for kind in kinds or panels.panels())]


def test_it_is_kept_replaced_and_forgotten(store, two):
    key = reports.keep(store.workspace, " The  first ", parts(two))
    [report] = reports.kept(store.workspace)
    assert (report["key"], report["title"], report["parts"]) == (key, "The first", parts(two))
    assert reports.keep(store.workspace, "Another name", [TEXT], key) == key
    assert reports.get(store.workspace, key)["title"] == "Another name"
    reports.forget(store.workspace, key)
    assert reports.kept(store.workspace) == []
    for ask in (reports.get, reports.forget):
        with pytest.raises(BadInput, match="no report") as refused:
            ask(store.workspace, key)
        assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("title, made, says", [
    ("", [TEXT], "needs a name"), ("x" * 41, [TEXT], "needs a name"), ("taken", [TEXT], "Another report is called"),
    ("New", [TEXT] * 61, "at most 60 parts"), ("New", [{"kind": "text", "text": "x" * 20_001}], "at most 20,000 characters"),
    ("New", [{"kind": "curves", "runs": ["a"] * 25}], "at most 24 runs"),
    ("New", [{"kind": "curves"}], "no report can hold")])
def test_what_cannot_be_kept_is_a_sentence(store, title, made, says):
    reports.keep(store.workspace, "Taken", [TEXT])
    with pytest.raises(BadInput, match=says) as refused:
        reports.keep(store.workspace, title, made)
    assert is_a_sentence(str(refused.value)) and len(reports.kept(store.workspace)) == 1


@pytest.mark.parametrize("told", [5, {"title": "x"}, {"title": "x", "parts": 5}, {"title": "x", "parts": [5]},
                                  {"title": "x", "parts": [{"kind": "text"}]},
                                  {"title": "x", "parts": [{"kind": "text", "text": "\ud800"}]},
                                  {"title": "x", "parts": [{"kind": "curves", "runs": [1]}]},
                                  {"title": "x", "parts": [{"kind": "curves", "runs": [], "frozen": {"when": "x"}}]},
                                  {"title": "x", "parts": [{"kind": "curves", "runs": [], "frozen": {
                                      "when": 1, "elements": [{"kind": "figure", "content": 5, "title": ""}]}}]},
                                  *({"title": "x", "parts": [part]} for part in (
                                      {"kind": "text", "text": "x", "runs": 5}, {"kind": "curves", "runs": ["a", "a"]},
                                      {"kind": "curves", "runs": [], "text": 5},
                                      {"kind": "curves", "runs": [], "frozen": {"when": 1e300, "elements": []}},
                                      *({"kind": "curves", "runs": [], "frozen": {"when": 1, "elements": [
                                          {"kind": "words", "content": "", "title": ""} | odd]}} for odd in (
                                              {"title": "\ud800"}, {"content": "\ud800"}, {"content": {"x": "\ud800"}})))),
                                  {"title": "x" * 41, "parts": []}, {"title": "x", "parts": [], "kept": None},
                                  {"title": "x", "parts": [], "kept": "x"}])
def test_a_damaged_one_is_left_out(store, told):
    if isinstance(told, dict):
        told = {"kept": 1.0} | told
    reports.keep(store.workspace, "Good", [TEXT])
    (store.workspace / "reports" / "0123456789ab.json").write_text(json.dumps(told))
    assert [report["title"] for report in reports.kept(store.workspace)] == ["Good"]


def test_what_was_changed_meanwhile_is_not_overwritten(store):
    key = reports.keep(store.workspace, "Mine", [TEXT])
    seen = reports.get(store.workspace, key)
    reports.keep(store.workspace, "Mine", [TEXT, TEXT], key, seen["kept"])
    with pytest.raises(BadInput, match="in another window") as refused:
        reports.keep(store.workspace, "Mine", [], key, seen["kept"])
    assert is_a_sentence(str(refused.value)) and reports.get(store.workspace, key)["parts"] == [TEXT, TEXT]
    now = reports.get(store.workspace, key)
    reports.forget(store.workspace, key)
    with pytest.raises(BadInput, match="forgotten in another window"):
        reports.keep(store.workspace, "Mine", [], key, now["kept"])
    assert reports.kept(store.workspace) == []


def test_what_is_frozen_stays_when_its_runs_are_gone(store, two):
    source = Source.of(store)
    frozen = [TEXT, *(part | {"frozen": reports.frozen(writing.drawn(source, part))} for part in parts(two)[1:])]
    key = reports.keep(store.workspace, "Frozen", frozen)
    live = reports.keep(store.workspace, "Live", parts(two))
    before = writing.as_html(source, reports.get(store.workspace, key))
    for run_id in two:
        store.delete(run_id)
    after = writing.as_html(source, reports.get(store.workspace, key))
    assert after.count("As it was on") == 4 and after.count("<img") == before.count("<img") == 2
    assert "Plotly.newPlot" in after and "not here any more" not in after
    assert "not here any more" in writing.as_html(source, reports.get(store.workspace, live))


def test_the_file_needs_no_network_and_shows_names_as_text(store, known):
    run = add_run(store, known, "<img src=http://evil.example/p.png>").id
    other = add_run(store, known, "Plain", architecture="dcgan").id
    key = reports.keep(store.workspace, "A <b> title", [{"kind": "text", "text": "![x](http://evil.example/p.png)"},
                                                        *parts([run, other])[1:]])
    made = writing.as_html(Source.of(store), reports.get(store.workspace, key))
    body = made.split("<script>")[0]
    assert "<h1>A &lt;b&gt; title</h1>" in body and body.count("<img") == 2 and 'src="data:image/png;base64,' in body
    assert 'src="http' not in body and "<img src=http" not in body and '<link rel="icon" href="data:,">' in body


def test_a_frozen_table_that_somebody_has_made_up_fetches_nothing(store):
    evil = {"kind": "scores", "runs": [], "frozen": {"when": 1.0, "elements": [
        {"kind": "table", "content": "<table><tr><td><img src=http://evil.example></td></tr></table>", "title": ""},
        {"kind": "picture", "content": '"><script>x</script>', "title": "P"},
        {"kind": "picture", "content": "PHN2Zz4=", "title": "Q"}, {"kind": "odd", "content": "<i>", "title": ""}]}}
    key = reports.keep(store.workspace, "Evil", [evil])
    made = writing.as_html(Source.of(store), reports.get(store.workspace, key))
    assert "<table>" in made and "<img src=http" not in made and "<script>" not in made and "<i>" not in made
    assert "The picture P cannot be read" in made and "The picture Q cannot be read" in made
    assert "The picture P cannot be read" in texts(visit("report", report=key))


# On the command line


def test_the_verb_lists_writes_and_forgets(store, two, tmp_path):
    key = reports.keep(store.workspace, "Mine", parts(two))
    answer = cli("reports", workspace=store.workspace)
    assert answer.code == 0 and answer.out.startswith(key) and "Mine" in answer.out and f"/report?report={key}" in answer.out
    assert json.loads(cli("reports", "--json", workspace=store.workspace).out)[0]["key"] == key
    answer = cli("reports", key, "--out", tmp_path / "mine.html", workspace=store.workspace)
    assert answer.code == 0 and (tmp_path / "mine.html").read_text().startswith("<!doctype html>")
    for arguments, says in (((key, "--out", tmp_path / "mine.pdf"), "ends in .html"), (("nothing",), "no report"),
                            (("--out", tmp_path / "x.html"), "Say which report"), (("--delete", "nothing"), "no report")):
        answer = cli("reports", *arguments, workspace=store.workspace)
        assert answer.code == 2 and says in answer.err and is_a_sentence(answer.said[-1])
    assert cli("reports", "--delete", key, workspace=store.workspace).code == 0 and not reports.kept(store.workspace)


# On the page


def write(at):
    return drawn(at.segmented_control(key="report:mode").set_value("Write").run())


def field(at, label):
    return next(each for each in (*at.text_area, *at.text_input, *at.multiselect) if each.label == label)


def test_one_is_begun_written_and_read(store, two):
    at = visit("report")
    at = drawn(field(at, "Title").set_value("On depth").run())
    at = click(at, "Begin it")
    [report] = reports.kept(store.workspace)
    assert in_address(at, "report") == report["key"] and report["title"] == "On depth"
    at = write(visit("report", report=report["key"]))
    at = drawn(field(at, "Text").set_value("Two **games**.").run())
    at = click(at, "Keep the text")
    kind = next(control for control in at.segmented_control if control.label == "What comes next")
    at = drawn(kind.set_value("curves").run())
    at = drawn(next(each for each in at.multiselect if each.label == "Runs" and not each.value).set_value(two).run())
    at = click(at, "Add it")
    kept = reports.get(store.workspace, report["key"])
    assert kept["parts"][0]["text"] == "Two **games**." and kept["parts"][1]["runs"] == two
    at = click(at, "Freeze it")
    assert reports.get(store.workspace, report["key"])["parts"][1]["frozen"]["elements"][0]["kind"] == "figure"
    at = click(at, "Make it live")
    assert reports.get(store.workspace, report["key"])["parts"][1]["frozen"] is None
    at = click(at, "Up")
    assert [part["kind"] for part in reports.get(store.workspace, report["key"])["parts"]] == ["curves", "text"]
    at = visit("report", report=report["key"])
    assert not at.exception and len(at.get("plotly_chart")) == 2
    assert "<strong>games</strong>" in "".join(each.proto.body for each in at.get("html"))
    at = click(write(at), "Take away")
    assert [part["kind"] for part in reports.get(store.workspace, report["key"])["parts"]] == ["text"]
    click(at, "Forget the report")
    assert reports.kept(store.workspace) == []


def test_an_unknown_one_in_the_address_is_told(store):
    at = visit("report", report="nothing")
    assert is_a_sentence(at.warning[0].value) and "nothing" in at.warning[0].value


def test_visitors_read_and_write_nothing(store, two, monkeypatch):
    key = reports.keep(store.workspace, "Mine", parts(two))
    monkeypatch.setattr(visitors, "are_here", lambda: True)
    at = visit("report", report=key)
    assert not at.exception and not [control for control in at.segmented_control if control.label == "View"]
    assert "Deep" in texts(at) or at.get("plotly_chart")
    with pytest.raises(StoreError):
        reports.keep(store.workspace, "Theirs", [TEXT])
    reports_there = [report["title"] for report in reports.kept(store.workspace)]
    assert reports_there == ["Mine"]


def press(at, label, number):
    """Click the button of a label of which there are several."""
    return drawn([each for each in at.button if each.label == label][number].click().run())


def texts_of(store, key):
    return [part["text"] for part in reports.get(store.workspace, key)["parts"]]


def test_what_is_written_stays_when_other_parts_are_changed(store):
    key = reports.keep(store.workspace, "Mine", [{"kind": "text", "text": each} for each in ("One", "Two", "Three")])
    at = write(visit("report", report=key))
    at = drawn(at.text_area[1].set_value("Two, more").run())
    at = drawn(at.text_area[3].set_value("Next").run())
    at = press(at, "Up", 1)  # of the third: above the second
    assert texts_of(store, key) == ["One", "Three", "Two"]
    assert [area.value for area in at.text_area] == ["One", "Three", "Two, more", "Next"]
    reports.keep(store.workspace, "Mine", [{"kind": "text", "text": each} for each in ("Uno", "Three", "Two")], key)
    at = press(at, "Keep the text", 2)
    assert texts_of(store, key) == ["Uno", "Three", "Two, more"], "what another window has kept is kept as well"
    at = click(at, "Add it")
    assert texts_of(store, key) == ["Uno", "Three", "Two, more", "Next"] and at.text_area[-1].value == ""
    assert not at.warning


def test_what_is_written_stays_when_the_page_is_left(store):
    key = reports.keep(store.workspace, "Mine", [TEXT])
    at = write(visit("report", report=key))
    at = drawn(at.text_area[0].set_value("More").run())
    at = drawn(at.segmented_control(key="report:mode").set_value("Read").run())
    assert not at.text_area
    at = write(at)
    assert at.text_area[0].value == "More" and texts_of(store, key) == [TEXT["text"]]
    at = drawn(at.text_area[0].set_value(TEXT["text"]).run())
    at = write(drawn(at.segmented_control(key="report:mode").set_value("Read").run()))
    assert at.text_area[0].value == TEXT["text"]


def test_what_is_written_into_a_part_that_is_gone_is_shown(store):
    key = reports.keep(store.workspace, "Mine", [TEXT])
    at = write(visit("report", report=key))
    at = drawn(at.text_area[0].set_value("My long work").run())
    reports.keep(store.workspace, "Mine", [{"kind": "text", "text": "Theirs"}], key)
    at = click(at, "Keep the text") if at.text_area else at
    assert texts_of(store, key) == ["Theirs"] and is_a_sentence(at.warning[0].value.replace("kept:", "kept."))
    assert at.code[0].value == "My long work"
    at = click(at, "Let it go")
    assert not at.warning and not at.code


def test_to_look_at_how_it_is_written_changes_nothing(store, two):
    made = [{"kind": "curves", "runs": two, "chosen": chosen} for chosen in ([], ["no such curve yet"])]
    key = reports.keep(store.workspace, "Mine", made)
    before = reports.get(store.workspace, key)
    assert not write(visit("report", report=key)).exception
    assert reports.get(store.workspace, key) == before


def test_who_comes_back_finds_the_report_of_the_address(store):
    reports.keep(store.workspace, "A", [TEXT])
    key = reports.keep(store.workspace, "B", [TEXT])
    at = visit("report", report=key)
    assert at.selectbox(key="report:key").value == key
    drawn(at.switch_page("pages/runs.py").run())
    at.query_params["report"] = key
    at = drawn(at.switch_page("pages/report.py").run())
    assert at.selectbox(key="report:key").value == key
    reports.forget(store.workspace, key)
    at = drawn(at.run())
    assert key in at.warning[0].value, "that it was forgotten elsewhere is told"


def test_what_was_pressed_is_done_before_more_is_drawn(store, monkeypatch):
    """A second click ends the first one's run of the page where that draws next."""
    key = reports.keep(store.workspace, "Mine", [TEXT])
    at = write(visit("report", report=key))
    at = drawn(at.text_area[0].set_value("More").run())
    done, keep, moves = [], reports.keep, report_view._moves
    monkeypatch.setattr(reports, "keep", lambda *given: (done.append("kept"), keep(*given))[1])
    monkeypatch.setattr(report_view, "_moves", lambda *given: (done.append("drawn"), moves(*given))[1])
    click(at, "Keep the text")
    assert done == ["kept", "drawn"] and texts_of(store, key) == ["More"]
