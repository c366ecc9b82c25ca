"""The Judge page: what can be judged, a session from the first image to the last, and the table of all runs.

The image and its two buttons live in the browser; here two ordinary buttons give what it would.
"""

import pytest
import streamlit as st

from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.evaluation import human
from gan_core.store import artifacts, judgements
from gan_core.evaluation.human import GENERATED, REAL
from gan_core.store import RUNNING
from gan_core.tasks import registry
from gan_core.tasks.base import Result
from helpers_judging import add_checkpoint, add_pool
from helpers_pages import add_run
from helpers_runs import is_a_sentence
from helpers_visits import button, click, drawn, go, known, links, read, store, texts, visit  # noqa: F401 (also fixtures)
from pages.components import markdown, trial_view


@pytest.fixture(autouse=True)
def buttons(monkeypatch):
    """Buttons in the place of the browser's; they say which number they answer, so that one may be late."""
    def trial(session, on_verdict):
        number = st.session_state.get("test:number", session.number)
        for verdict in (REAL, GENERATED):
            st.button(verdict, key=f"test:{verdict}", on_click=on_verdict, args=(number, verdict, 0.8, None))

    monkeypatch.setattr(trial_view, "trial", trial)


@pytest.fixture
def run(store, known):
    run = add_run(store, known, "Sharp *one*", architecture="dcgan")
    add_pool(store, run)
    return run


def begun(*runs, each=10, **choices):
    at = visit("judge", runs=",".join(run.id for run in runs))
    at.segmented_control(key="judge:each").set_value(each)
    for key, value in choices.items():
        (at.segmented_control if key == "shown" else at.toggle)(key=f"judge:{key}").set_value(value)
    return click(at, "Begin")


def session(at):
    return at.session_state["judge:session"]


def say(at, *, right):
    """Answer the image that waits."""
    truth = session(at).trials[session(at).number].truth
    wrong = GENERATED if truth == REAL else REAL
    return click(at, truth if right else wrong)


def test_an_empty_workspace_says_what_to_do(store):
    at = visit("judge")
    assert is_a_sentence(at.info[0].value) and links(at, "Train") and not at.button


def test_a_link_chooses_the_runs_and_begin_waits_for_one(run):
    at = visit("judge")
    assert button(at, "Begin").disabled
    at = visit("judge", runs=run.id)
    assert at.multiselect(key="judge:runs").value == [run.id] and not button(at, "Begin").disabled


def test_what_cannot_be_judged_says_why(run, store, known):
    points = add_run(store, known, "Ring", architecture="gan", data="ring")
    busy = add_run(store, known, "Busy", architecture="dcgan", status=RUNNING, step=300)
    bare = add_run(store, known, "Bare", architecture="dcgan")
    add_checkpoint(store, points), add_checkpoint(store, busy)
    at = visit("judge", runs=",".join([run.id, points.id, busy.id, bare.id, "gone"]))
    assert list(at.multiselect(key="judge:runs").options) == [f"Sharp *one*  ·  finished  ·  {run.id}"]
    said = [each.value for each in at.warning]
    assert all(map(is_a_sentence, said))
    for words, sentence in zip(("points", "not done", "no checkpoint", "deleted"), said, strict=True):
        assert words in sentence


def test_a_whole_session(run, store):
    at = begun(run)
    assert "Image 1 of 10" in at.get("progress")[0].proto.text and not at.table
    for number in range(10):
        assert at.get("progress")[0].proto.value == 10 * number
        at = say(at, right=number >= 4)
    assert "You were wrong 4 times in 10" in texts(at) and "**40 %**" in texts(at)
    alts = [each.alt for picture in at.get("image") for each in picture.proto.imgs]
    wrong = sum(int(alt.split(":")[1].split()[0]) for alt in alts if "taken for" in alt)
    assert wrong == 4 and all("Sharp *one*" in alt for alt in alts)
    [row] = at.table[0].value.to_dict("records")
    low, high = human.wilson(4, 10)
    assert read(row["Human error"]) == f"**40 % ({100 * low:.0f}–{100 * high:.0f})**" and row["Verdicts"] == "10"
    [record] = judgements.kept(store.artifacts(run.id))
    assert [each["seconds"] for each in record["verdicts"]] == [0.8] * 10 and not record["feedback"]

    at = click(at, "Judge again")
    assert at.multiselect(key="judge:runs").value == [run.id] and button(at, "Begin"), "the choice of runs stays"
    assert at.table[0].value.iloc[0]["Sessions"] == "1"


def test_what_visitors_say_is_kept_too(run, store, monkeypatch):
    monkeypatch.setenv(visitors.VARIABLE, "1")
    at = begun(run)
    for number in range(10):
        at = say(at, right=number < 7)
    (kept,) = judgements.kept(store.artifacts(run.id))
    assert len(kept["verdicts"]) == 10 and not at.error
    with pytest.raises(visitors.ForOwners):
        store.artifacts(run.id).remove(artifacts.CONFIG)


def test_several_runs_are_mixed_and_told_apart_in_the_end(run, store, known):
    other = add_run(store, known, "Plain", architecture="gan")
    add_pool(store, other)
    at = begun(run, other, shown="500 ms", feedback=True)
    assert len(session(at).trials) == 20
    found = session(at)
    while found.number < 19:  # all but the last without the page, which takes longer
        trial, wrong = found.trials[found.number], {REAL: GENERATED, GENERATED: REAL}
        found.answer(found.number, trial.truth if trial.run == run.id else wrong[trial.truth])
    for each in (run, other):
        judgements.keep(store.artifacts(each.id), found.record(each.id))
    at = say(drawn(at.run()), right=found.trials[19].run == run.id)
    assert "wrong 10 times in 20" in texts(at)
    table = at.table[0].value
    assert table.loc["**Plain**"]["Human error"].startswith("**100 %")
    assert table.loc[markdown.bold("Sharp *one*")]["Human error"].startswith("**0 %")
    assert set(table["Shown for"]) == {"500 ms"}
    assert all(each["feedback"] for each in judgements.kept(store.artifacts(other.id)))


def test_what_was_answered_counts_when_the_judge_leaves(run, store):
    at = begun(run)
    for _ in range(2):
        at = say(at, right=True)
    assert visit("judge").table[0].value.iloc[0]["Verdicts"] == "2", "another visitor sees it"
    at = click(at, "End here")
    assert "wrong 0 times in 2" in texts(at) and "8 unanswered" in texts(at)
    at = click(at, "Judge again")
    at = click(click(at, "Begin"), "End here")
    assert "Nothing was answered" in texts(at) and len(judgements.kept(store.artifacts(run.id))) == 1


def test_another_page_and_back_goes_on_where_it_was(run):
    at = begun(run)
    at = say(at, right=True)
    at = go(go(at, "home"), "judge")
    assert "Image 2 of 10" in at.get("progress")[0].proto.text


def test_a_link_to_other_runs_ends_what_is_over(run, store, known):
    other = add_run(store, known, "Plain", architecture="gan")
    add_pool(store, other)
    at = say(begun(run), right=True)
    at = go(click(at, "End here"), "judge", runs=other.id)
    assert at.multiselect(key="judge:runs").value == [other.id]


def test_a_second_click_counts_once(run, store):
    at = begun(run)
    at.session_state["test:number"] = 0
    at = drawn(at.run())
    at = click(click(at, REAL), REAL)
    assert session(at).number == 1 and len(judgements.kept(store.artifacts(run.id))[0]["verdicts"]) == 1


def test_images_are_drawn_in_the_background_the_first_time(store, known, monkeypatch):
    run = add_run(store, known, "Fresh", architecture="dcgan")
    add_checkpoint(store, run)
    asked = []

    def draw(context, *_):
        asked.append((context.run.id, context.step))
        add_pool(store, run)
        return Result()

    monkeypatch.setattr(registry.task("judging_pool"), "run", draw)
    at = begun(run)
    assert asked == [(run.id, 1000)] and session(at).steps == {run.id: 1000}
    begun(run)
    assert len(asked) == 1


@pytest.mark.parametrize("trouble, says", [
    (BadInput("There is no dataset 'photos'; choose another."), "There is no dataset 'photos'"),
    (RuntimeError("no such thing"), "RuntimeError: no such thing"), (None, "are gone again")])
def test_images_that_cannot_be_drawn_are_a_sentence(store, known, monkeypatch, trouble, says):
    run = add_run(store, known, "Fresh", architecture="dcgan")
    add_checkpoint(store, run)

    def draw(*_):
        if trouble:
            raise trouble
        return Result()

    monkeypatch.setattr(registry.task("judging_pool"), "run", draw)
    at = begun(run)
    assert says in at.error[0].value and is_a_sentence(at.error[0].value.replace("Error:", "")) and button(at, "Begin")


def test_verdicts_that_cannot_be_kept_are_told(run, store, monkeypatch):
    def full(*_):
        raise StoreError("Nothing could be kept; make room on the disk.")

    at = begun(run)
    monkeypatch.setattr(judgements, "keep", full)
    at = say(at, right=True)
    assert "make room" in at.error[0].value


def test_a_runs_pages_lead_here_unless_it_learns_points(run, store, known):
    points = add_run(store, known, "Ring", architecture="gan", data="ring")
    label = "Real or generated? Judge its images"
    for page in ("monitor", "gallery"):
        assert links(visit(page, run=run.id), label) == [("judge", f"runs={run.id}")]
        assert not links(visit(page, run=points.id), label)
