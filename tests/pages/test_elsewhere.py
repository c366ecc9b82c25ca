"""Runs that were made elsewhere, on every page: they are looked at like others, and where a model is needed it is said."""

import io

import pytest

import helpers_visits
from gan_core import visitors
from gan_core.outside import importing
from gan_core.store import RUNNING, STOPPING
from gan_core.launch import queue
from gan_core.outside.described import spec_of
from gan_core.store.run import NO_MODEL, new_run
from helpers_pages import add_run
from helpers_visits import button, click, links, read, rows, texts, tick, visit
from pages.components import bell, elsewhere_view, shell

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
CSV = b"step,loss/G,D_loss,fid\n" + b"".join(b"%d,0.5,0.7,%d\n" % (step, step) for step in range(1, 50))


@pytest.fixture
def run(store, tmp_path):
    path = tmp_path / "*theirs*.csv"
    path.write_bytes(CSV)
    return importing.take_in(store, path)[0].run


# Those that need a model say that there is none; of the others a list would be of runs alone.
@pytest.mark.parametrize("page", [name for pages in shell.PAGES.values() for name, *_ in pages])
def test_no_page_fails_for_it(store, run, page):
    at = visit(page, **({"runs": f"{run.id}"} if page in ("compare", "judge") else {"run": run.id}))
    said = texts(at)
    if page in ("draw", "explore", "inspect", "share"):
        assert NO_MODEL in said
    else:
        assert not [error.value for error in at.error]
    assert not button(at, "Go on")


def test_the_monitor_shows_its_curves_and_offers_nothing_that_it_cannot_do(store, run):
    at = visit("monitor", run=run.id)
    said = texts(at)
    assert "made elsewhere" in said and NO_MODEL in said and "*theirs*" in said
    charts = [each.proto.json for each in at.get("bidi_component") if "traces" in each.proto.json]
    assert any("G loss is 0.5" in chart for chart in charts) and any('"Fid"' in chart for chart in charts)
    assert not links(at, "Draw samples") and not links(at, "Use these settings for a new run") and not links(at, "Duplicate")
    assert not button(at, "Score this run") and not at.error


def test_its_axis_is_of_time_only_where_times_are_known(store, run, tmp_path):
    assert not [each for each in visit("monitor", run=run.id).segmented_control if each.key == "view:x"]
    path = tmp_path / "timed.csv"
    path.write_text("wall_time,step,machine_learning\n1700000000,1,1\n1700000060,2,2\n")
    at = visit("monitor", run=importing.take_in(store, path)[0].run.id)
    assert [each for each in at.segmented_control if each.key == "view:x"]
    charts = [each.proto.json for each in at.get("bidi_component") if "traces" in each.proto.json]
    assert any('"Machine learning"' in chart for chart in charts), "no reading of ours, whatever it begins with"


def test_one_that_is_recorded_is_live_and_can_be_asked_to_stop(store, known):
    live = store.create(new_run(spec_of("Live", knobs={"rate": 0.1}), "Live", status=RUNNING, attempt=1, step=7,
                                handle=queue.ownership()))
    at = visit("monitor", run=live.id)
    assert at.get("progress")[0].text == "Step 7" and "starting" not in texts(at)
    click(at, "Stop")
    assert store.get(live.id).status == STOPPING


def test_it_stands_in_the_table_and_is_not_duplicated(store, known, run):
    add_run(store, known, "Mine")
    at = visit("runs")
    assert sorted(rows(at)) == ["*theirs*", "Mine"] and "made elsewhere" in at.dataframe[0].value["Architecture"].tolist()
    at = tick(at, "*theirs*")
    assert not links(at, "Duplicate") and not links(at, "Fork") and links(at, "Gallery") and not at.error
    assert not [each for each in visit("monitor", run=run.id).button if each.label == "Fork"]


def test_it_is_compared_with_ones_own(store, known, run):
    own = add_run(store, known, "Mine")
    at = visit("compare", runs=f"{run.id},{own.id}")
    assert not at.error and "What A drew was made elsewhere" in texts(at) and "samples seen" not in texts(at)


def test_files_are_sent_on_the_runs_page(store):
    at = visit("runs")  # where there is none yet
    at.get("file_uploader")[0].upload("log.csv", CSV, "text/csv")
    at.text_input(key="elsewhere:name").set_value("Theirs")
    at = click(at, "Take them in")
    [run] = store.list()
    assert run.name == "Theirs" and run.elsewhere and set(store.rows(run.id).coded()[0]) == {"g_loss", "d_loss", "fid"}


def test_several_that_are_sent_under_one_name_are_told_apart(store):
    files = []
    for name in ("a.csv", "b.csv"):
        files.append(io.BytesIO(CSV))
        files[-1].name = name
    assert [taken.run.name for taken in elsewhere_view._taken(store, files, "Theirs", "")] == ["Theirs/a", "Theirs/b"]
    assert [taken.run.name for taken in elsewhere_view._taken(store, files, "", "")] == ["a", "b"]


def test_what_cannot_be_taken_in_is_told(store):
    at = visit("runs")
    at.get("file_uploader")[0].upload("holiday.png", b"\x89PNG", "image/png")
    at = click(at, "Take them in")
    assert "holds no" in at.error[0].value and store.list() == []


def test_visitors_send_nothing(store, run, monkeypatch):
    monkeypatch.setenv(visitors.VARIABLE, "1")
    at = visit("runs")
    assert not at.get("file_uploader") and "Runs made elsewhere" not in [each.label for each in at.expander]


# Notices


def test_the_bell_has_what_happened_and_is_silent_when_it_is_over(store, known):
    run = add_run(store, known, "Mine", status="failed", message="The <b>disk</b> is full.")
    drawn = [each.proto.json for each in visit("monitor", run=run.id).get("bidi_component") if '"over"' in each.proto.json]
    assert len(drawn) == 1 and f"{run.id}:1:failed" in drawn[0] and '"over": true' in drawn[0].replace('":true', '": true')


def test_a_notice_that_did_not_arrive_is_told_on_the_monitor(store, known, monkeypatch):
    run = add_run(store, known, "Mine")
    for event in ("finished", "alarm:plateau"):
        store.notices.claim(run.id, 1, event, "slack")
        store.notices.end(run.id, 1, event, "slack", "The Slack webhook at hooks.example.org answered 404; look at it.")
    assert len(bell.refused(store, run.id)) == 1
    told = [read(each.value) for each in visit("monitor", run=run.id).warning]
    assert told == ["A notice did not arrive. The Slack webhook at hooks.example.org answered 404; look at it."]
    monkeypatch.setenv(visitors.VARIABLE, "1")
    assert not visit("monitor", run=run.id).warning, "which servers an owner has is nobody's"
