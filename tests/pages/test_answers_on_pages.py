"""A run that judges and makes nothing, on every page that is about one run: what means nothing for it is not offered."""

import numpy as np
import pytest

from gan_core.evaluation import scoring
from gan_core.store import artifacts, scores
from helpers_pages import add_run
from helpers_stores import whole
from helpers_visits import known, store, texts, visit  # noqa: F401 (fixtures)
from pages.components import confusion_view


@pytest.fixture
def run(store, known):  # noqa: F811
    run = add_run(store, known, "Names", architecture="cnn", data="digits")
    store.artifacts(run.id).put(artifacts.checkpoint_name(1000), whole())
    said, true = np.eye(10, dtype=np.float32)[[*range(10), 3]], np.array([*range(10), 5])
    scores.keep(store.artifacts(run.id), {"run": run.id, "step": 1000, "scored": run.created} | scoring.score_answers(
        said, true, [f"<b>{digit}" for digit in range(10)]))
    return run


def test_the_monitor_shows_scores_and_what_is_taken_for_what(run):
    at = visit("monitor", run=run.id)
    assert not at.exception
    table = at.table[0].value
    assert table.loc["Accuracy"].tolist() == ["0.9091", "higher"] and list(table) == ["Held-out samples", "Better"]
    said = texts(at).replace("\\", "")
    assert "What is taken for what" in said and "11 real samples, by their true classes" in said
    assert "features by" not in said and "the best of its checkpoints by accuracy" in said
    assert "Judge its images" not in said


@pytest.mark.parametrize("page, says", [("explore", "no space to walk in"), ("share", "names what it is shown"),
                                        ("judge", "There is nothing to judge yet"),
                                        ("judge", "Names draws answers, which have no look")])
def test_pages_that_have_nothing_to_offer_it_say_why(run, page, says):
    at = visit(page, **{"runs" if page == "judge" else "run": run.id})
    assert says in texts(at) and not at.exception
    assert not at.get("file_uploader") or page == "share"


def test_the_gallery_says_in_which_order_answers_stand(run):
    said = texts(visit("gallery", run=run.id))
    assert "shows those first of which it is most wrong" in said and "same pictures" in said


def test_a_confusion_matrix_of_many_classes_shows_those_that_are_confused_most():
    counts = np.diag(np.full(50, 10))
    counts[40, 41], counts[3, 7] = 5, 2
    places = confusion_view._most_wrong(counts)
    assert len(places) == confusion_view.MOST and {3, 7, 40, 41} <= set(places) and (np.diff(places) > 0).all()
    figure = confusion_view.figure(counts[np.ix_(places, places)], counts[places].sum(axis=1), [f"<i>{p}" for p in places])
    assert figure.layout.xaxis.ticktext[0].startswith("&lt;i&gt;"), "names are no tags"
    drawn = [np.isfinite(np.array(trace.z, float)) for trace in figure.data]
    assert (drawn[0] ^ drawn[1]).all(), "each cell in one of the two traces"
    assert "40 named 41 5 times" in confusion_view._in_words(counts, [str(place) for place in range(50)])
