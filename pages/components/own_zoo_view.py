"""Architectures of one's own that cannot be used, or not yet."""

import streamlit as st

from pages.components import markdown, shell


def show():
    """Say what is wrong with architectures of one's own, and which are on their way."""
    _, broken, waiting = shell.zoo()
    for sentence in broken.values():
        st.warning(markdown.told(sentence), icon=":material/warning:")
    if waiting:
        _awaited(waiting)


@st.fragment(run_every=1)
def _awaited(names):
    """Drawn again until one of them is described; then the page has more to show."""
    if shell.zoo().waiting != names:
        st.rerun()
    st.caption(markdown.filled(":material/hourglass_empty: Getting to know {}; that takes some seconds.", ", ".join(names)))
