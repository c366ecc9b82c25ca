"""Draw: samples of a run on demand, by class, code and dial; kept as a dataset, or used to teach a classifier."""

import pandas as pd
import streamlit as st

from gan_core import visitors
from gan_core.errors import UserError
from gan_core.modalities.base import COLUMNS, KEEP, TSTR, abilities_of, modality
from gan_core.models import inputs
from gan_core.tasks.kinds.draw import WIDEST
from gan_core.tasks.wanted import as_text
from pages.components import (artifact_view, asking, checkpoint_choice, columns_view, markdown, run_view, sample_form,
                              sample_uses, shell, turntable)

FILES = {".npz": "Arrays samples, and labels and classes where there are; train --data takes images.",
         ".csv": "A table with the header of the data; train --data takes it.",
         ".mid": "All phrases one after the other, with a mark where each begins; train --data takes it.",
         ".wav": "All samples one after the other, to listen to; train --data takes it.",
         ".txt": "The texts, a line of percent signs between two of them."}

store = shell.store()
runs = shell.some_runs(store, "Draw samples")


def sheet(run, step, where, wanted):
    """The samples, what they are, and their downloads."""
    drawn = asking.answer("draw", where, words="Drawing", n=wanted.n, seed=wanted.seed, label=wanted.label or "",
                          chosen=as_text(wanted.chosen), to=-1 if wanted.to is None else wanted.to)
    picture, kind = drawn.artifact("sheet"), modality(run.kind)
    said = f" on the way from seed {wanted.seed} to {wanted.to}" if wanted.to is not None else f" from seed {wanted.seed}"
    words = f"{wanted.n} samples of {run.name} at step {step:,}{said}" + (f", {wanted.in_words}" if wanted.in_words else "")
    artifact_view.show(picture, alt=words + (f", in orange, over real {kind.words[1]} in grey" if kind.overlays else ""))
    if (place := drawn.values["pictured"]) is not None:
        artifact_view.show(drawn.artifact("portrait"), alt=f"A picture of number {place + 1} of {words}",
                           caption=f"Number {place + 1}")
    if rows := drawn.values["rows"]:
        st.dataframe(pd.DataFrame(rows), hide_index=True, height=250, alt=f"The first rows of {words}")
    if "heard.wav" in drawn.files:
        artifact_view.show(drawn.artifact("heard"), caption=drawn.values["heard"])
    if wanted.turns:
        st.caption(markdown.filled("Columns from the left: {}", markdown.joined(", ", wanted.turns[:WIDEST])))
    if legend := run_view.legend(run):
        st.caption(markdown.plain(legend))
    elif kind.overlays:
        st.caption(markdown.filled("Drawn {} in orange, real ones in grey.", kind.words[1]))
    name = f"{run.id}-{step}-seed-{wanted.seed}"
    with st.container(horizontal=True):
        st.download_button("Download the sheet", picture.data, f"{name}{picture.suffix}", picture.mime,
                           icon=":material/download:", on_click="ignore")
        for suffix in kind.suffixes:
            st.download_button(markdown.filled("Download the samples ({})", suffix), drawn.files[f"samples{suffix}"],
                               f"{name}{suffix}", "application/octet-stream", icon=":material/download:", on_click="ignore",
                               help=markdown.plain(FILES.get(suffix, "")))


def turn(run, step, where, wanted, turning):
    """One of the samples, to be turned by hand."""
    st.subheader("Turn one", anchor=False)
    place = st.number_input("Sample", 1, wanted.n, key=f"draw:{run.id}:turned",
                            help="Counted along the rows of the sheet, from the top left.")
    chosen = {name: value for name, value in wanted.chosen.items() if name != turning.name}
    turned = asking.answer("turn", where, words="Looking from all sides", slot="turned", place=place - 1, seed=wanted.seed,
                           chosen=as_text(chosen))
    turntable.turntable(f"draw:{run.id}:turntable", turned)
    gif = turned.artifact("turned")
    st.download_button("Download it turning (GIF)", gif.data, f"{run.id}-{step}-seed-{wanted.seed}-{place}.gif", gif.mime,
                       icon=":material/download:", on_click="ignore")


run = shell.chosen_run(store, runs, key="draw")
shell.must_be_usable(run)
kept = checkpoint_choice.kept(store, run, "draw from")
try:
    side, main = st.columns([2, 5], gap="large")
    with side:
        step, where = checkpoint_choice.choose(store, run, kept, f"draw:{run.id}:step")
        known = asking.answer("inputs", where, words="Loading the model").values["inputs"]
        wanted = sample_form.form(run, known)
    with main:
        sheet(run, step, where, wanted)
        if (turning := inputs.turning(known)) is not None:
            turn(run, step, where, wanted, turning)
        if COLUMNS in abilities_of(run.kind):
            columns_view.show(run, where, wanted)
except UserError as error:
    st.error(markdown.told(error), icon=":material/error:")
else:
    if KEEP in abilities_of(run.kind) and not visitors.are_here():
        sample_uses.keep(store, run, step, wanted)
    if inputs.labels(known) and TSTR in abilities_of(run.kind) and not visitors.are_here():
        sample_uses.recognition(store, run, step)
