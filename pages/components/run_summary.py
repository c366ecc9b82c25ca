"""What a run will cost, before it starts."""

import streamlit as st

from gan_core.config.knobs import check
from gan_core.errors import BadInput
from gan_core.launch import eta
from gan_core.tasks import server
from pages.components import shell


def summary(store, family, chosen, values):
    """Parameters of each network and an estimate of the time; counted in another process, shown when it is done."""
    names = {knob.name for knob in family.knobs}
    knobs = family.defaults(chosen.spec.kind) | {k: v for k, v in values.items() if k in names}
    try:
        check(family.knobs, knobs)  # what is out of range is not built: it might take all memory there is
    except BadInput:
        st.caption("No estimate: some settings are out of range.")
        return
    _panel(store, family, chosen.spec, knobs, values["steps"])


@st.fragment(run_every=None)
def _panel(store, family, spec, knobs, steps):
    try:
        with st.spinner("Counting parameters"):
            found = _measured(family.name, tuple(sorted(knobs.items())), spec)
    except (RuntimeError, MemoryError, TimeoutError, ValueError, TypeError):
        st.caption("No estimate: these settings could not be built.")
        return
    seconds, basis = eta.seconds(steps, found["round_flops"], store.list(), family.name)
    st.metric("Estimated time", f"about {eta.in_words(seconds)}")
    st.caption(f"Judged {basis}. {steps:,} steps of batch {knobs['batch_size']}, "
               f"{found['round_flops'] / 1e9:.2g} billion operations each.")
    st.markdown("\n".join(f"- {network.capitalize()}: **{number:,}** parameters"
                          for network, number in found["parameters"].items()))


@st.cache_data(show_spinner=False, max_entries=200)
def _measured(architecture, knobs, spec):
    return shell.compute().ask(server.measure, architecture, dict(knobs), spec).result(timeout=60)
