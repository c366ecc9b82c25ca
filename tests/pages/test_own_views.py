"""Saved views on the Compare and Runs pages: opened by their address, saved, renamed, forgotten."""

import pytest

import helpers_visits
from gan_core import visitors
from gan_core.store import saved_views
from helpers_pages import add_run
from helpers_visits import button, click, drawn, go, in_address, links, rows, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def three(store, known):
    return [add_run(store, known, name, architecture=architecture, tags=tags) for name, architecture, tags in (
        ("Plain", "gan", ("good",)), ("Deep", "dcgan", ("old",)), ("Third", "gan", ()))]


def kept(store, page="compare"):
    return saved_views.kept(store.workspace, page)


def named(at, title):
    return drawn(next(field for field in at.text_input if field.label == "Name").set_value(title).run())


def test_a_comparison_is_saved_under_a_name_and_opened_by_its_address(store, three):
    plain, deep, third = three
    at = visit("compare", runs=f"{plain.id},{deep.id}")
    at = drawn(at.segmented_control(key="compare:axis").set_value("minutes").run())
    at = click(named(at, "A [x](y) *view*"), "Save what is chosen")
    [view] = kept(store)
    assert view["chosen"]["runs"] == [plain.id, deep.id] and view["chosen"]["axis"] == "minutes"
    assert view["runs"] == {plain.id: "Plain", deep.id: "Deep"} and in_address(at, "view") == view["key"]

    at = visit("compare", view=view["key"])
    assert at.multiselect(key="compare:runs").value == [plain.id, deep.id]
    assert at.segmented_control(key="compare:axis").value == "minutes"
    at = drawn(at.run())
    assert in_address(at, "view") == view["key"], "as long as it is what was saved"
    at = drawn(at.multiselect(key="compare:runs").select(third.id).run())
    assert in_address(at, "view") is None, "and no longer"
    at = go(at, "compare", view=view["key"])
    assert at.multiselect(key="compare:runs").value == [plain.id, deep.id], "a link followed within the session"
    at = go(go(at, "home"), "compare", view=view["key"])
    assert at.multiselect(key="compare:runs").value == [plain.id, deep.id], "after another page"


def test_a_view_is_saved_again_renamed_and_forgotten(store, three):
    plain, deep, third = three
    key = saved_views.keep(store.workspace, "First", "compare", {"runs": [plain.id, deep.id]})
    at = click(named(visit("compare", view=key), "Second"), "Rename")
    assert [(view["key"], view["title"]) for view in kept(store)] == [(key, "Second")]
    at = drawn(at.multiselect(key="compare:runs").select(third.id).run())
    at = click(named(at, "second"), "Save what is chosen")
    [view] = kept(store)
    assert view["key"] == key and view["chosen"]["runs"] == [plain.id, deep.id, third.id]
    assert links(at, "second") == [("compare", f"view={key}")]
    click(at, "Forget")
    assert kept(store) == []


def test_a_view_without_a_name_or_without_runs_is_a_sentence(store, three):
    at = click(visit("compare", runs=f"{three[0].id},{three[1].id}"), "Save what is chosen")
    assert "needs a name" in at.error[0].value
    at = click(named(visit("compare"), "Empty"), "Save what is chosen")
    assert "choose runs first" in at.error[0].value and kept(store) == []


def test_a_view_whose_runs_are_partly_gone_says_which(store, three):
    plain, deep, third = three
    key = saved_views.keep(store.workspace, "Mine", "compare", {"runs": [run.id for run in three]},
                           {run.id: run.name for run in three})
    store.delete(deep.id)
    at = visit("compare", view=key)
    assert [each.value for each in at.warning if "are gone" in each.value] == [
        f"Of the view Mine these runs are gone: Deep ({deep.id})."]
    assert at.multiselect(key="compare:runs").value == [plain.id, third.id]
    assert in_address(drawn(at.run()), "view") == key


def test_filters_of_runs_are_saved_and_those_that_fit_no_run_are_left_out(store, three):
    at = visit("runs")
    at = drawn(at.multiselect(key="runs:arch").set_value(["gan"]).run())
    at = drawn(at.multiselect(key="runs:tags").set_value(["good"]).run())
    at = click(named(at, "Good ones"), "Save what is chosen")
    [view] = kept(store, "runs")
    assert view["chosen"] == {"arch": ["gan"], "tags": ["good"]}
    at = visit("runs", view=view["key"])
    assert rows(at) == ["Plain"] and at.multiselect(key="runs:tags").value == ["good"]
    store.update(three[0].id, tags=())
    at = drawn(visit("runs", view=view["key"]).run())
    assert rows(at) == ["Third", "Plain"] and in_address(at, "view") == view["key"]


def test_an_address_of_no_view_or_of_another_page_says_so(store, three):
    at = visit("runs", view="0123456789ab")
    assert "may have been forgotten" in at.warning[0].value and len(rows(at)) == 3 and in_address(at, "view") is None
    key = saved_views.keep(store.workspace, "Both", "compare", {"runs": [run.id for run in three]})
    at = visit("runs", view=key)
    assert "another page" in at.warning[0].value and links(at, "Both") == [("compare", f"view={key}")]


def test_visitors_open_views_and_change_none(store, three, monkeypatch):
    key = saved_views.keep(store.workspace, "Mine", "compare", {"runs": [run.id for run in three]})
    monkeypatch.setenv(visitors.VARIABLE, "1")
    at = visit("compare", view=key)
    assert len(at.multiselect(key="compare:runs").value) == 3 and links(at, "Mine")
    assert not any(button(at, label) for label in ("Forget", "Save what is chosen", "Rename"))
