"""Visitors: they see every page that is theirs, with no button that changes anything, and their verdicts are kept."""

import pytest

import helpers_visits
from gan_core import visitors
from gan_core.store import FINISHED, QUEUED
from gan_core.store.artifacts import ANIMATION
from gan_core.tasks import background
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, scored
from helpers_visits import button, links, texts, visit
from pages.components import shell

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
THEIRS = [name for pages in shell.PAGES.values() for name, *_ in pages if name not in shell.FOR_OWNERS]
# What changes nothing but a page.
HARMLESS = {"Another", "Make the report", "Make a GIF of the whole run", "Begin", "Find directions", "End here",
            "All architectures"}


@pytest.fixture
def shown(store, known, monkeypatch):
    """The store of a workspace with a run to look at, and visitors before it."""
    run = with_checkpoint(store, add_run(store, known, "Mine", architecture="cgan", data="digits",
                                         values={"filters": 4, "latent": 4}))
    add_run(store, known, "Another", architecture="gan", data="digits")
    add_run(store, known, "Waiting", status=QUEUED)
    monkeypatch.setenv(visitors.VARIABLE, "1")
    return store, run


@pytest.mark.parametrize("page", THEIRS)
def test_no_page_has_a_button_that_changes_anything(shown, page):
    store, run = shown
    at = visit(page, **({"runs": ",".join(one.id for one in store.list([FINISHED]))} if page == "compare" else
                        {"family": "gan"} if page == "architectures" else {"run": run.id}))
    assert not at.error and not at.exception, texts(at)
    assert {one.label for one in at.button} <= HARMLESS
    assert not at.get("file_uploader") and not at.text_area
    assert not links(at, "Train") and not links(at, "New run") and not links(at, "Duplicate")


def test_pages_that_are_the_owners_are_not_there(shown, monkeypatch):
    assert shell.FOR_OWNERS == {"photos", "train", "sweep", "data", "restyle", "share", "tasks"}
    assert not any(map(shell.is_open, shell.FOR_OWNERS))
    monkeypatch.setenv(visitors.VARIABLE, "0")
    assert all(map(shell.is_open, shell.FOR_OWNERS))


def test_what_waits_is_left_to_who_trains(shown, monkeypatch):
    store, _ = shown
    monkeypatch.setattr(background, "reap", lambda store: pytest.fail("visitors look after nothing"))
    for page in ("home", "monitor"):
        visit(page)
    assert [run.status for run in store.list() if run.name == "Waiting"] == [QUEUED]


def test_an_empty_workspace_has_nothing_to_start(store, monkeypatch):
    monkeypatch.setenv(visitors.VARIABLE, "1")
    at = visit("home")
    assert not at.button and "come along" in at.info[0].value
    for page in ("monitor", "gallery", "runs", "draw", "explore", "judge"):
        at = visit(page)
        assert len(at.info) == 1 and not at.button and "Train page" not in at.info[0].value, page


def test_a_film_is_shown_though_it_is_not_kept(shown):
    store, run = shown
    held = store.artifacts(run.id)
    at = visit("gallery", run=run.id)
    at = helpers_visits.click(at, "Make a GIF of the whole run")
    assert not at.error and ANIMATION not in held and button(at, "Make a GIF of the whole run")


def test_scores_are_read(store, known, monkeypatch):
    run = scored(store, with_checkpoint(store, add_run(store, known)), kernel=0.1234)
    monkeypatch.setenv(visitors.VARIABLE, "1")
    at = visit("monitor", run=run.id)
    assert not at.error and any("0.1234" in table.value.to_string() for table in at.table)
