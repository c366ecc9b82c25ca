"""Inside: what every layer of a run's networks makes of one sample, and what the discriminator looks at."""

import streamlit as st

from gan_core.errors import UserError
from gan_core.modalities.base import NEAREST, RIGHT, abilities_of, modality
from gan_core.tasks.subjects import Subject
from pages.components import asking, checkpoint_choice, inside_view, markdown, shell

COLUMNS = 8  # of a sheet of samples

store = shell.store()
runs = shell.some_runs(store, "Inside the networks")

run = shell.chosen_run(store, runs, key="inspect")
shell.must_be_usable(run)
kept = checkpoint_choice.kept(store, run, "look into")


def subject(where, labelled):
    """Draw the choice of a sample; returns it as :class:`Subject`."""
    judges = RIGHT in abilities_of(run.kind)
    usual, other = ("Held out", "Learned from") if judges else ("Generated", "Real")
    real = st.segmented_control("Sample", [usual, other], default=usual, key=f"inspect:{'held' if judges else 'real'}",
                                required=True, format_func=markdown.plain, help=(
        "Kept from training, or learned from." if judges else
        "Drawn from the run's fixed noise, or from its training data.")) == other
    if real:
        count = asking.answer("training_data", where).values["count"]
        return Subject(place=st.number_input("Number in the training data", 1, count,
                                             key=f"inspect:{run.id}:number") - 1, real=True)
    if labelled:
        classes = run.spec["classes"]
        label = st.selectbox("Class", range(len(classes)), key=f"inspect:{run.id}:class",
                             format_func=lambda place: markdown.isolated(classes[place]))
        return Subject(place=st.number_input("Column of the sheet", 1, COLUMNS, key="inspect:column") - 1, label=label)
    if judges:
        return Subject(place=st.number_input("Number among those that are held out", 1, modality(run.kind).shown[0],
                                             key=f"inspect:{run.id}:held") - 1)
    rows, columns = modality(run.kind).grid
    return Subject(place=st.number_input("Place on the sheet", 1, rows * columns, key=f"inspect:{run.kind}:place",
                                         help="Counted along the rows, from the top left.") - 1)


labelled = "label" in [model_input["kind"] for model_input in shell.known_cards()[run.architecture].inputs_of(run)]
try:
    with st.container(horizontal=True, vertical_alignment="top", key="inspect:choices"):
        _, where = checkpoint_choice.choose(store, run, kept, f"inspect:{run.id}:step")
        chosen = subject(where, labelled)
    side, main = st.columns([2, 5], gap="large")
    with side:
        inside_view.sample(run, asking.answer("saliency", where, **chosen.as_dict()), chosen)
        if NEAREST in abilities_of(run.kind) and inside_view.neighbours_wanted():
            inside_view.neighbours(run, asking.answer("neighbours", where, **chosen.as_dict()), chosen)
    with main:
        name, layer = inside_view.choose_layer(run, asking.answer("networks", where).values["networks"], chosen)
        inside_view.layer(name, layer, asking.answer("feature_maps", where, **chosen.as_dict(), network=name, layer=layer))
except UserError as error:
    st.error(markdown.told(error), icon=":material/error:")
