"""What each column of a table of one's own was taken for, to be corrected before training."""

import pandas as pd
import streamlit as st

from gan_core.data import texts
from gan_core.data.choices import OF_COLUMNS, Choices
from gan_core.errors import BadInput
from pages.components import markdown

COLUMN, TAKEN = "Column", "Taken for"
KEY = "import:columns"


def show(taken, key):
    """Draw the columns, ``(name, kind)`` each; what is corrected is written to the choice that is kept under ``key``."""
    turn = st.session_state.setdefault(f"{KEY}:turn", 0)
    editor = f"{KEY}:{turn}"

    def corrected():
        edited = st.session_state[editor].get("edited_rows", {})
        changes = {taken[int(place)][0]: values[TAKEN] for place, values in edited.items() if TAKEN in values}
        st.session_state[key] = as_text(said(st.session_state.get(key, "")) | changes)
        st.session_state[f"{KEY}:turn"] = turn + 1  # the next one begins with what is taken then

    with st.expander("What its columns are"):
        st.caption("Guessed by their values. Correct what is wrong: out leaves a column out.")
        frame = pd.DataFrame({COLUMN: [markdown.cleaned(name) for name, _ in taken], TAKEN: [kind for _, kind in taken]})
        st.data_editor(frame, key=editor, hide_index=True, on_change=corrected, disabled=[COLUMN], width="stretch",
                       column_config={TAKEN: st.column_config.SelectboxColumn(options=list(OF_COLUMNS), required=True)})


def said(text):
    """``{name: kind}`` of what is chosen so far; nothing of what cannot be read."""
    try:
        return Choices(columns=text).kinds()
    except BadInput:
        return {}


def as_text(kinds):
    """``{name: kind}`` as the choice has it."""
    return ", ".join(texts.quoted(f"{texts.shown(name)}={kind}") for name, kind in kinds.items())
