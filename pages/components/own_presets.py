"""Presets that somebody has kept in the workspace: to be chosen in the form, and forgotten."""

import streamlit as st

from gan_core.store import presets
from gan_core.sweeps.told import in_words
from pages.components import knob_form, markdown, once, shell


def choose(store, architecture, kind, defaults):
    """Buttons that fill the form with the presets of an architecture on a kind of data; nothing where there are none."""
    known = presets.kept(store.workspace, architecture, kind)
    if not known:
        return
    with st.container(horizontal=True):
        for one in known:
            values = {name: value for name, value in one["values"].items() if name in defaults}
            st.button(markdown.plain(one["title"]), key=f"preset:own:{one['key']}", icon=":material/bookmark:",
                      on_click=knob_form.fill, args=(architecture, defaults | values),
                      help=markdown.filled("Kept in this workspace. Sets every knob: the defaults, {}.", in_words(values)))


def manage(store):
    """All that are kept, each with a button that forgets it."""
    known = presets.kept(store.workspace)
    if not known:
        st.caption("None yet. What a sweep has found can be made one; it is offered on the Train page then.")
    for one in known:
        text, button = st.columns([5, 1], vertical_alignment="center")
        text.markdown(markdown.filled("{} for {} on {}: {}", markdown.bold(one["title"]), one["architecture"], one["kind"],
                                      in_words(one["values"])))
        if once.button("Forget", key=f"preset:forget:{one['key']}", place=button, icon=":material/delete:"):
            with shell.telling():
                presets.forget(store.workspace, one["key"])
                st.rerun()
