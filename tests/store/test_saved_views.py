"""Saved views: kept, renamed, forgotten, and not broken by what becomes of runs or files; their verb."""

import json

import pytest

from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.store import DiskStore, saved_views
from helpers_pages import add_run, zoo
from helpers_runs import cli, is_a_sentence

CHOSEN = {"runs": ["a", "b"], "axis": "minutes"}


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


def test_a_view_of_the_same_name_takes_its_place_and_keeps_its_address(workspace):
    key = saved_views.keep(workspace, " My  view ", "compare", CHOSEN | {"charts": []}, {"a": "First"})
    assert saved_views.keep(workspace, "my view", "compare", {"runs": ["b"]}) == key
    assert saved_views.keep(workspace, "my view", "runs", {"text": "sharp"}) != key
    [view] = saved_views.kept(workspace, "compare")
    assert (view["title"], view["chosen"], view["key"]) == ("my view", {"runs": ["b"]}, key)
    assert saved_views.address(view) == f"compare?view={key}"


def test_it_is_renamed_but_not_to_the_name_of_another(workspace):
    key = saved_views.keep(workspace, "One", "compare", CHOSEN)
    saved_views.keep(workspace, "Two", "compare", CHOSEN)
    assert saved_views.keep(workspace, "Three", "compare", CHOSEN, key=key) == key
    with pytest.raises(BadInput, match="Another view is called two"):
        saved_views.keep(workspace, "two", "compare", CHOSEN, key=key)
    assert [view["title"] for view in saved_views.kept(workspace)] == ["Three", "Two"]


@pytest.mark.parametrize("title, page, chosen, part", [
    ("", "runs", {"text": "a"}, "name of 1 to 40"), ("x" * 41, "runs", {"text": "a"}, "name of 1 to 40"),
    ("a", "runs", {"text": "", "tags": []}, "nothing to save"), ("a", "compare", {"axis": "steps"}, "choose runs first")])
def test_what_is_no_view_is_refused(workspace, title, page, chosen, part):
    with pytest.raises(BadInput, match=part):
        saved_views.keep(workspace, title, page, chosen)
    assert saved_views.kept(workspace) == []


def test_files_that_are_no_views_are_left_out(workspace):
    key = saved_views.keep(workspace, "Good", "compare", CHOSEN)
    good = json.loads((workspace / "saved_views" / f"{key}.json").read_bytes())
    for number, spoiled in enumerate((
            {"page": "draw"}, {"page": []}, {"title": 3}, {"chosen": {"runs": "a"}}, {"runs": {"a": 3}},
            {"chosen": {"axis": ["steps"]}}, {"chosen": {"other": "a"}})):
        (workspace / "saved_views" / f"00000000000{number}.json").write_text(json.dumps(good | spoiled))
    (workspace / "saved_views" / "00000000000a.json").write_bytes(b"\xff[")
    assert [view["key"] for view in saved_views.kept(workspace)] == [key]


def test_of_a_newer_version_what_is_known_is_shown(workspace):
    key = saved_views.keep(workspace, "Theirs", "compare", CHOSEN)
    path = workspace / "saved_views" / f"{key}.json"
    newer = json.loads(path.read_bytes())
    path.write_text(json.dumps(newer | {"sorted": True, "chosen": newer["chosen"] | {"sort": {"by": "step"}}}))
    assert saved_views.get(workspace, key)["chosen"] == CHOSEN
    [view] = saved_views.kept(workspace, "compare")
    assert view["chosen"] == CHOSEN


def test_visitors_change_none(workspace, monkeypatch):
    key = saved_views.keep(workspace, "Mine", "compare", CHOSEN)
    monkeypatch.setenv(visitors.VARIABLE, "1")
    with pytest.raises(StoreError):
        saved_views.keep(workspace, "Theirs", "compare", CHOSEN)
    with pytest.raises(StoreError):
        saved_views.forget(workspace, key)
    assert saved_views.get(workspace, key)["title"] == "Mine"


def test_the_verb_lists_them_with_what_is_gone_and_forgets(workspace):
    store = DiskStore(workspace)
    run = add_run(store, zoo(), "Here")
    key = saved_views.keep(workspace, "Two runs", "compare", {"runs": [run.id, "lost"]},
                           {run.id: "Here", "lost": "Gone one"})
    store.close()
    said = cli("views", workspace=workspace).out
    assert f"/compare?view={key}" in said and "Two runs" in said and "1 of 2 runs are gone" in said
    [view] = json.loads(cli("views", "--json", workspace=workspace).out)
    assert view["gone"] == {"lost": "Gone one"} and view["address"] == f"compare?view={key}"
    assert cli("views", "--delete", key, workspace=workspace).code == 0 and saved_views.kept(workspace) == []
    again = cli("views", "--delete", key, workspace=workspace)
    assert again.code == 2 and "There is no view" in again.err and is_a_sentence(again.err)
