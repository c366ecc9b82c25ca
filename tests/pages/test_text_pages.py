"""Texts on the pages: sheets that are no pictures, and tunes that are heard."""

import json

import numpy as np

from gan_core import data
from gan_core.data import characters, tune_grammar
from gan_core.data.sets import tunes
from gan_core.modalities.base import modality
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


def test_a_text_stands_beside_pictures_where_both_are_compared(store, known):
    runs = [run_of_tunes(store, known, "Text", ["GABc"]), add_run(store, known, "Pictures")]
    at = visit("compare", runs=",".join(run.id for run in runs))
    assert "GABc" in "\n".join(code.value for code in at.code)
    slider = next(json.loads(each.proto.json) for each in at.get("bidi_component") if "places" in each.proto.json)
    assert [row["title"] for row in slider["rows"]] == ["B · gan"], "and no place says that there is no text yet"


def test_a_text_is_wrapped_and_rolled_where_it_stands_among_others(store, known):
    run = run_of_tunes(store, known, written=WRITTEN * 4)
    for page in ("monitor", "gallery"):
        codes = [code.proto for code in visit(page, run=run.id).code if WRITTEN[0].splitlines()[0] in code.value]
        assert codes and all(code.wrap_lines for code in codes)


def test_the_look_at_a_text_counts_characters_and_a_look_at_sound_seconds():
    known = {info.name: info.spec() for info in data.catalogue()}
    said = {name: modality(known[name].kind).sized(known[name]) for name in ("tunes", "tones", "wine", "digits")}
    assert said == {"tunes": f"up to {tunes.LENGTH} characters, {len(tune_grammar.CHARACTERS)} different ones",
                    "tones": "0.5 seconds at 8,000 Hz", "wine": "13 columns", "digits": "8 x 8 x 1"}
