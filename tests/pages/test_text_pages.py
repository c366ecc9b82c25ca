"""Texts on the pages: sheets that are no pictures, and tunes that are heard."""

import numpy as np

from gan_core.data import characters, tune_grammar
from gan_core.data.sets import tunes
from helpers_pages import add_run, recording
from helpers_visits import known, store, texts, visit  # noqa: F401 (fixtures among them)

WRITTEN = [*tune_grammar.tunes(2, 0), "|:G"]


def run_of_tunes(store, known, name="Fiddler", written=WRITTEN, units=256):
    run = add_run(store, known, name, architecture="lstm", data="tunes", rows=2, sheets_at=(), values={"units": units})
    rows = characters.encoded(written, tune_grammar.CHARACTERS, tunes.LENGTH)
    with recording(store, run) as into:
        into.samples(1000, rows.astype(np.float32), (len(written), 1))
    return run


def test_texts_are_shown_as_text_and_tunes_are_heard(store, known):
    run = run_of_tunes(store, known)
    for page in ("gallery", "monitor"):
        at = visit(page, run=run.id)
        shown = "\n".join(code.value for code in at.code)
        assert all(text in shown for text in WRITTEN) and len(at.get("audio")) == 1
    silent = run_of_tunes(store, known, "Writer", ["GABc", "d"])
    at = visit("gallery", run=silent.id)
    assert "GABc" in "\n".join(code.value for code in at.code) and len(at.get("audio")) == 0


def test_texts_stand_beside_each_other_where_runs_are_compared(store, known):
    runs = [run_of_tunes(store, known, name, [written], units)
            for name, written, units in (("One", "GABc", 64), ("Other", "dcBA", 128))]
    at = visit("compare", runs=",".join(run.id for run in runs))
    shown = "\n".join(code.value for code in at.code)
    assert "GABc" in shown and "dcBA" in shown and "There are no samples yet" not in texts(at)
