"""Inside: what every layer of a run's networks makes of one sample, and what the discriminator looks at."""

import streamlit as st

from gan_core import compute
from gan_core.compute import Subject
from gan_core.data import IMAGES, POINTS
from gan_core.errors import UserError
from pages.components import checkpoint_choice, run_view, shell
from pages.components.family_view import shape

COLUMNS = 8  # of a sheet of samples
FAILED = "This could not be computed, perhaps for want of memory or time. Try another layer or checkpoint."

store = shell.store()
runs = store.list()
st.title("Inside the networks")
if not runs:
    st.info("There are no runs yet. Start one on the Train page.", icon=":material/info:")
    st.page_link(shell.page("train"), label="Train", icon=":material/tune:")
    st.stop()

run = shell.chosen_run(store, runs, key="inspect")
kept = checkpoint_choice.kept(store, run, "look into")


@st.cache_data(show_spinner="Computing", max_entries=200)
def answer(name, *arguments):
    return shell.compute().ask(getattr(compute, name), *arguments).result(timeout=180)


def subject(labelled):
    """Draw the choice of a sample; returns it as :class:`Subject`."""
    real = st.segmented_control("Sample", ["Generated", "Real"], default="Generated", key="inspect:real",
                                required=True, help="Drawn from the run's fixed noise, or from its training data.") == "Real"
    if real:
        return Subject(st.number_input("Number in the training data", 1, 100_000, key="inspect:number") - 1, real=True)
    if labelled:
        classes = run.spec["classes"]
        label = st.selectbox("Class", range(len(classes)), key=f"inspect:{run.id}:class", format_func=classes.__getitem__)
        return Subject(st.number_input("Column of the sheet", 1, COLUMNS, key="inspect:column") - 1, label=label)
    return Subject(st.number_input("Place on the sheet", 1, COLUMNS**2, key="inspect:place",
                                   help="Counted along the rows, from the top left.") - 1)


def sample(found, chosen):
    """The sample, and D's verdict and saliency on it."""
    what = "Real sample" if chosen.real else "Generated sample"
    told = f", class {run.spec['classes'][found['label']]}" if run.spec["classes"] and found["label"] is not None else ""
    among = ", in orange, among others" if run.spec["kind"] == POINTS else ""
    st.image(run_view.in_page(found["sample"]), caption=f"{what}{told}{among}", alt=f"{what} of {run.name}{told}", width=280)
    if "logit" not in found:
        st.caption("This architecture has no discriminator, and so no saliency.")
        return
    if "heat" in found:
        st.image(run_view.in_page(found["heat"]), width=280,
                 caption="Saliency: where a change of a pixel changes the logit most",
                 alt=f"The discriminator's saliency on the sample, at most {found['slopes'][0]:.3g}")
    st.metric("Logit of the discriminator", f"{found['logit']:.3f}",
              help="Above zero it leans to real, below to generated; a critic's score has no such zero.")
    slopes = " and ".join(f"{each:.3g}" for each in found["slopes"])
    st.caption(f"The slope of the logit is {slopes} along the two coordinates." if run.spec["kind"] == POINTS
               else f"The steepest slope is {slopes} a unit of pixel value; pixels go from -1 to 1.")


def neighbours(where, chosen):
    """What it is most like of what the run has learned from."""
    if not st.toggle("Nearest training images", key="inspect:near",
                     help="Is it a copy? Looks through the training data for the images with the most similar pixels."):
        return
    found = answer("neighbours", where, chosen)
    classes = run.spec["classes"]
    named = [str(classes[each]) for each in found["labels"]] if found["labels"] and classes else []
    st.image(run_view.in_page(found["sheet"]), width=280,
             caption=f"Nearest first{': ' + ', '.join(named) if named else ''}",
             alt=f"The {len(found['places'])} training images nearest to the sample")
    near, apart = found["distances"][0], found["spacing"]
    if chosen.real:
        st.caption(f"The nearest other image is {near:.3g} away.")
    elif near < apart:
        st.warning(f"The nearest is {near:.3g} away, closer than that one is to any of its fellows ({apart:.3g}): this may "
                   "be a copy of it.", icon=":material/content_copy:")
    else:
        st.caption(f"The nearest is {near:.3g} away, farther than that one is from its nearest fellow ({apart:.3g}): no "
                   "copy.")


def layers(where, networks, chosen):
    """Choose a layer and see what it gives."""
    left, right = st.columns([1, 2])
    names = [each["name"] for each in networks]
    name = left.segmented_control("Network", names, default=names[-1], key=f"inspect:{run.id}:network", required=True,
                                  format_func=lambda each: each.replace("_", " ").capitalize())
    found = {each["name"]: each for each in next(each for each in networks if each["name"] == name)["layers"]}
    options = list(found)

    def title(layer):
        each = found[layer]
        return f"{options.index(layer)}  ·  {layer}  ·  {each['type']}  ·  {shape(each['shape'])}"

    weighty = [i for i, layer in enumerate(options) if found[layer]["parameters"]]  # where something was learned
    maps = [i for i in weighty if len(found[options[i]]["shape"]) == 3]
    first = next(iter(maps or weighty), 0)
    layer = right.selectbox("Layer", options, index=first, key=f"inspect:{run.id}:{name}:layer", format_func=title)
    if chosen.real and name == "generator":
        st.caption("The generator sees no real samples; this is what it makes of the noise at the same place.")
    picture, figures = answer("feature_maps", where, chosen, name, layer)
    maps = len(figures["shape"]) == 3
    things = "channels" if maps else "units"
    st.image(run_view.in_page(picture), alt=f"The {figures['of']} {things} of {layer} in the {name} for this sample")
    st.caption((f"{figures['shown']} of {figures['of']:,} {things}, " if figures["shown"] < figures["of"] else
                f"{figures['of']:,} {things}, ")
               + (f"each from its lowest value (black) to its highest (white); {figures['flat']} are the same everywhere. "
                  if maps else f"orange above zero and blue below; {figures['flat']} are zero. ")
               + f"Values go from {figures['low']:.3g} to {figures['high']:.3g}.")


labelled = "label" in [each["kind"] for each in shell.known_families()[run.architecture].inputs]
try:
    with st.container(horizontal=True, vertical_alignment="top", key="inspect:choices"):
        _, where = checkpoint_choice.choose(store, run, kept, f"inspect:{run.id}:step")
        chosen = subject(labelled)
    side, main = st.columns([2, 5], gap="large")
    with side:
        sample(answer("saliency", where, chosen), chosen)
        if run.spec["kind"] == IMAGES:
            neighbours(where, chosen)
    with main:
        layers(where, answer("networks", where), chosen)
except UserError as error:
    st.error(str(error))
except (RuntimeError, MemoryError, TimeoutError, OSError, ValueError, TypeError, KeyError):
    st.error(FAILED, icon=":material/error:")
