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
                                      "when": 1, "elements": [{"kind": "figure", "content": 5, "title": ""}]}}]}])
def test_a_damaged_one_is_left_out(store, told):
    reports.keep(store.workspace, "Good", [TEXT])
    (store.workspace / "reports" / "0123456789ab.json").write_text(json.dumps(told))
    assert [report["title"] for report in reports.kept(store.workspace)] == ["Good"]


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
