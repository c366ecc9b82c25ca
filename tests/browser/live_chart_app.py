"""A page with a live chart that shows what a test writes into the file named by the variable LIVE_CHART_STATE."""

import json
import os
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components.live_chart import Trace, live_chart, load_plotly_js, smoothed

STATE = Path(os.environ["LIVE_CHART_STATE"])
NOISE = np.random.default_rng(0).normal(size=(2, 100_000))


def losses(points: int, gap: bool):
    """Of a discriminator and a generator, the same at every call; with a gap, both diverge for a while."""
    step = np.arange(points)
    discriminator = 0.6 + 0.2 * np.sin(step / 30) + 0.05 * NOISE[0, :points]
    generator = 1.4 + 0.4 * np.cos(step / 40) + 0.10 * NOISE[1, :points]
    if gap:
        discriminator[20:40] = np.nan
        generator[30:50] = np.inf
    return step, {"discriminator": discriminator, "generator": generator}


@st.fragment(run_every=0.2)
def chart():
    state = json.loads(STATE.read_text())
    if state["away"]:
        return
    step, curves = losses(state["points"], state["gap"])
    traces = []
    for role, loss in curves.items():
        if state["smooth"]:
            traces.append(Trace(f"{role} loss", step, loss, role, faint=True))
            loss = smoothed(loss, state["smooth"])
        traces.append(Trace(f"{role} loss", step, loss, role))
    load_plotly_js()
    live_chart(
        "losses",
        traces,
        x_title="step",
        y_title="loss",
        mode=state["mode"],
        log_y=state["log_y"],
        title=state["title"],
        alt=f"Losses of the discriminator and the generator over {len(step)} steps.",
    )
    st.caption(f"{state['points']} points")


st.set_page_config(page_title="Live chart", layout="wide")
st.sidebar.write("A sidebar to open and close.")
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.button("Run again")
st.caption(f"run {st.session_state.runs}")
chart()
