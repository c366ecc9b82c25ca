"""What a run will cost, before it starts."""

import streamlit as st

from gan_core.config.knobs import check
from gan_core.errors import BadInput, UserError
from gan_core.launch import eta
from gan_core.tasks.kinds.measure import Config
from pages.components import asking, markdown


def summary(store, card, chosen, values):
    """Parameters of each network and an estimate of the time; counted in another process, shown when it is done."""
    names = {knob.name for knob in card.knobs}
    knobs = card.defaults(chosen.spec.kind) | {k: v for k, v in values.items() if k in names}
    try:
        check(card.knobs, knobs)  # what is out of range is not built: it might take all memory there is
    except BadInput:
        st.caption("No estimate: some settings are out of range.")
        return
    _panel(store, card, chosen.spec, knobs, values["steps"])


@st.fragment(run_every=None)
def _panel(store, card, spec, knobs, steps):
    try:
        counts = asking.answer("measure", words="Counting parameters", slot="train:estimate",
                               **Config.of(card.name, knobs, spec).as_dict()).values
    except UserError as error:
        st.caption(markdown.filled("No estimate: {}", markdown.told(error)))
        return
    seconds, basis = eta.seconds(steps, counts["round_flops"], store.list(), card.name, spec.kind)
    st.metric("Estimated time", markdown.filled("about {}", eta.in_words(seconds)))
    st.caption(markdown.filled("{} {:,} steps of batch {}, {:.2g} billion operations each.", basis, steps,
                               knobs["batch_size"], counts["round_flops"] / 1e9))
    networks = {network.replace("_", " ").capitalize(): number for network, number in counts["parameters"].items()}
    st.markdown(markdown.joined("\n", (markdown.filled("- {}: **{:,}** parameters", network, number)
                                       for network, number in networks.items())))
