"""Which of a run's sheets is shown: a slider of their steps."""

import streamlit as st

from pages.components import markdown


def step_slider(label, steps, default, key, label_visibility="visible"):
    """The step that was chosen among some, by a slider where there are several."""
    if len(steps) == 1:
        st.caption(f"Only step {steps[0]:,} so far")
        return steps[0]
    if st.session_state.get(key) not in steps:
        st.session_state[key] = default
    return st.select_slider(markdown.plain(label), steps, key=key, format_func=markdown.of("{:,}".format),
                            label_visibility=label_visibility)


def following(steps, key):
    """The same for a run that goes on: who looks at the newest sheet gets the next one, too."""
    state, newest = st.session_state, f"{key}:newest"
    if len(steps) == 1:
        return steps[0]
    if state.get(key) == state.get(newest, state.get(key)):
        state[key] = steps[-1]
    state[newest] = steps[-1]
    return step_slider("Step of the sheet", steps, steps[-1], key, label_visibility="collapsed")
