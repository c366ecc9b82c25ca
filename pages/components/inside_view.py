"""What is inside a run's networks, in pictures: a sample and what the discriminator looks at, its neighbours, a layer."""

import streamlit as st

from gan_core.modalities.base import HEAT, abilities_of, modality
from pages.components import artifact_view, markdown
from pages.components.card_view import shape


STEEPEST = 3  # columns of a table that are named


def sample(run, result, chosen):
    """The sample, and D's verdict and saliency on it: of :mod:`gan_core.tasks.kinds.saliency`."""
    figures, portrait = result.values, result.artifact("sample")
    names = figures.get("named") is not None
    what = "Real sample" if chosen.real else "Held-out sample" if names else "Generated sample"
    classes, label = run.spec["classes"], figures["label"]
    told = f", {of_class(classes[label])}" if classes and label is not None else ""
    pictured = modality(run.kind).overlays and portrait.mime == "image/png"
    among = ", in orange, among others" if pictured else ""
    artifact_view.show(portrait, caption=f"{what}{told}{among}", alt=f"{what} of {run.name}{told}", width=280)
    if names:
        st.metric("Named", markdown.plain(classes[figures["named"]]), markdown.plain(f"{figures['sure']:.1%} sure"),
                  delta_color="off", delta_arrow="off")
    if "logit" not in figures:
        st.caption("This architecture has no discriminator, and so no saliency.")
        return
    if "heat.png" in result.files:
        st.image(artifact_view.in_page(result.files["heat.png"]), width=280,
                 caption="Saliency: where a change of a pixel changes the logit most",
                 alt=f"The saliency of the {'classifier' if names else 'discriminator'} on the sample, at most "
                     f"{figures['slopes'][0]:.3g}")
    if names:
        st.metric("Logit of the class that it names", f"{figures['logit']:.3f}",
                  help="The softmax makes probabilities of the logits of all classes: only their differences count.")
    else:
        st.metric("Logit of the discriminator", f"{figures['logit']:.3f}",
                  help="Above zero it leans to real, below to generated; a critic's score has no such zero.")
    if not figures["along"]:
        number = "pixel" if HEAT in abilities_of(run.kind) or names else "number of the sample"
        st.caption(f"The steepest slope is {figures['slopes'][0]:.3g} a unit of a {number}; they go from -1 to 1.")
    elif len(figures["along"]) == 2:
        along, across = figures["slopes"]
        st.caption(f"The slope of the logit is {along:.3g} and {across:.3g} along the two coordinates.")
    else:
        steepest = sorted(zip(figures["slopes"], figures["along"]), reverse=True)[:STEEPEST]
        st.caption(markdown.filled("The logit is steepest along {}.", markdown.joined(", ", (
            f"{name} ({slope:.3g})" for slope, name in steepest))))


def of_class(name):
    """class 3, also of a class that calls itself that."""
    return name if name.lower().startswith("class") else f"class {name}"


def neighbours_wanted():
    return st.toggle("Nearest training images", key="inspect:near",
                     help="Is it a copy? Looks through the training data for the images with the most similar pixels.")


def neighbours(run, result, chosen):
    """What it is most like of what the run has learned from: of :mod:`gan_core.tasks.kinds.neighbours`."""
    figures, classes = result.values, run.spec["classes"]
    named = [str(classes[label]) for label in figures["labels"]] if figures["labels"] and classes else []
    st.image(artifact_view.in_page(result.files["sheet.png"]), width=280,
             caption=markdown.plain(f"Nearest first{': ' + ', '.join(named) if named else ''}"),
             alt=f"The {len(figures['places'])} training images nearest to the sample")
    near, apart = figures["distances"][0], figures["spacing"]
    if chosen.real:
        st.caption(f"The nearest other image is {near:.3g} away.")
    elif near < apart:
        st.warning(f"The nearest is {near:.3g} away, closer than that one is to any of its fellows ({apart:.3g}): this may "
                   "be a copy of it.", icon=":material/content_copy:")
    else:
        st.caption(f"The nearest is {near:.3g} away, farther than that one is from its nearest fellow ({apart:.3g}): no "
                   "copy.")


def choose_layer(run, networks, chosen):
    """Draw the choice of a layer; returns the names of the network and the layer."""
    left, right = st.columns([1, 2])
    names = [network["name"] for network in networks]
    name = left.segmented_control("Network", names, default=names[-1], key=f"inspect:{run.id}:network", required=True,
                                  format_func=markdown.of(lambda name: name.replace("_", " ").capitalize()))
    layers = {row["name"]: row for row in next(network for network in networks if network["name"] == name)["layers"]}
    options = list(layers)

    def title(layer):
        row = layers[layer]
        return f"{options.index(layer)}  ·  {layer}  ·  {row['type']}  ·  {shape(row['shape'])}"

    weighty = [i for i, layer in enumerate(options) if layers[layer]["parameters"]]  # where something was learned
    maps = [i for i in weighty if len(layers[options[i]]["shape"]) == 3]
    first = next(iter(maps or weighty), 0)
    layer = right.selectbox("Layer", options, index=first, key=f"inspect:{run.id}:{name}:layer", format_func=title)
    if chosen.real and name == "generator":
        st.caption("The generator sees no real samples; this is what it makes of the noise at the same place.")
    return name, layer


def layer(name, layer, result):
    """What a layer of a network gives: of :mod:`gan_core.tasks.kinds.feature_maps`."""
    figures = result.values
    maps = len(figures["shape"]) == 3
    things = "channels" if maps else "units"
    st.image(artifact_view.in_page(result.files["maps.png"]),
             alt=f"The {figures['of']} {things} of {layer} in the {name} for this sample")
    drawn = (f"{figures['shown']:,} of {figures['of']:,} {things}" if figures["shown"] < figures["of"] else
             f"{figures['of']:,} {things}")
    how = (f"each from its lowest value (black) to its highest (white); {figures['flat']} are the same everywhere"
           if maps else f"orange above zero and blue below; {figures['flat']} are zero")
    st.caption(markdown.filled("{}, {}. Values go from {:.3g} to {:.3g}.", drawn, how, figures["low"], figures["high"]))
