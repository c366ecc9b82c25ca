"""What a run will cost, before it starts."""

import concurrent.futures

import streamlit as st

from gan_core.config.knobs import check
from gan_core.errors import BadInput
from gan_core.launch import eta
from gan_core.tasks import server
from pages.components import failure, shell

PATIENCE = 0.2  # seconds that the page waits: what is known, or nearly, needs no second look


def summary(store, card, chosen, values):
    """Parameters of each network and an estimate of the time; counted in another process, shown when it is done."""
    names = {knob.name for knob in card.knobs}
    knobs = card.defaults(chosen.spec.kind) | {k: v for k, v in values.items() if k in names}
    try:
        check(card.knobs, knobs)  # what is out of range is not built: it might take all memory there is
    except BadInput:
        st.caption("No estimate: some settings are out of range.")
        return
    asked = (card.name, tuple(sorted(knobs.items())), chosen.spec)
    concurrent.futures.wait([_measured(*asked)], timeout=PATIENCE)
    # A fragment of its own looks for the answer: the form can be used meanwhile.
    st.fragment(_panel, run_every=None if _measured(*asked).done() else 0.5)(store, asked, values["steps"])


def _panel(store, asked, steps):
    name, knobs, spec = asked
    answer = _measured(name, knobs, spec)
    if not answer.done():
        st.session_state["estimate:awaited"] = asked
        st.caption(":material/hourglass_empty: Counting parameters")
        return
    if st.session_state.pop("estimate:awaited", None):
        st.rerun()  # the page draws it once more, and then it stands still
    try:
        measured = answer.result()
    except Exception as error:
        _measured.clear(name, knobs, spec)
        st.caption("No estimate.")
        failure.tell("Counting the parameters", error)
        return
    seconds, basis = eta.seconds(steps, measured["round_flops"], store.list(), name)
    st.metric("Estimated time", f"about {eta.in_words(seconds)}")
    st.caption(f"Judged {basis}. {steps:,} steps of batch {dict(knobs)['batch_size']}, "
               f"{measured['round_flops'] / 1e9:.2g} billion operations each.")
    st.markdown("\n".join(f"- {network.capitalize()}: **{number:,}** parameters"
                          for network, number in measured["parameters"].items()))


@st.cache_resource(show_spinner=False, max_entries=200)
def _measured(architecture, knobs, spec):
    """A future of the answer."""
    return shell.compute().ask(server.measure, architecture, dict(knobs), spec)
