"""The Data page: all that is kept of data, what it looks like, who needs it, and its end."""

import pytest

import helpers_visits
from gan_core import data
from gan_core.data import uploads
from gan_core.store import RUNNING, kept_data
from helpers_data import noise, write_folder
from helpers_pages import add_run
from helpers_visits import button, click, drawn, links, rows, texts, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
ROWS = "".join(f"{number / 2},{'*red*' if number % 2 else 'blue'}\n" for number in range(40))


@pytest.fixture
def things(store, tmp_path):
    top = write_folder(tmp_path / "cats", {f"{k}.png": noise(k) for k in range(4)})
    images = data.load(str(top), size=16, workspace=store.workspace).name
    (tmp_path / "people.csv").write_text("height,<b>colour</b>\n" + ROWS)
    table = data.load(str(tmp_path / "people.csv"), workspace=store.workspace).name
    with open(tmp_path / "people.csv", "rb") as file:
        uploads.keep("people.csv", file, 100, store.workspace)
    return images, table


def tick(at, *names):
    key = next(key for key in at.session_state if str(key).startswith("data:table"))
    at.session_state[key] = {"selection": {"rows": [rows(at).index(name) for name in names]}}
    return drawn(at.run())


def test_it_says_what_to_do_where_nothing_is_kept(store):
    at = visit("data")
    assert len(at.info) == 1 and links(at, "Train") and not at.button


def test_all_is_listed_and_one_is_looked_at(store, things):
    at = visit("data")
    assert rows(at)[:2] == sorted(things) and rows(at)[2].endswith("/people.csv") and "3 kept" in texts(at)
    at = tick(at, things[0])
    assert len(at.get("image")) == 1 and "4 training samples of 16 x 16 x 3" in texts(at).replace("\\", "")
    at = tick(at, things[1])
    shown = at.dataframe[1].value
    assert shown["height"].tolist()[:3] == ["0.0", "0.5", "1.0"] and shown["<b>colour</b>"][1] == "*red*"
    assert len(shown) == 10 and len(at.get("image")) == 1


def test_it_asks_before_several_are_deleted(store, things):
    at = click(tick(visit("data"), *things), "Delete 2")
    assert at.button(key="data:delete:yes:0") and len(kept_data.kept(store)) == 3
    assert all(f"- {name}" in texts(at).replace("\\", "") for name in things)


def test_what_runs_need_is_warned_of_and_what_they_work_with_stays(store, known, things):
    run = add_run(store, known, "Sleeps")
    store.update(run.id, data=things[0])
    at = tick(visit("data"), things[0])
    assert [query for _, query in links(at, r"Sleeps · finished")] == [f"run={run.id}"]
    assert "neither resumed nor scored" in texts(click(at, "Delete 1"))
    busy = add_run(store, known, "Works", status=RUNNING, step=300)
    store.update(busy.id, data=things[0])
    at = tick(visit("data"), things[0])
    assert "stop it first" in texts(at) and button(at, "Delete 1").disabled
