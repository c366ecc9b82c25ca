"""A page with a slider whose every place takes a second to compute, in a process without TensorFlow."""

import sys
from pathlib import Path

import streamlit as st

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "helpers")]

from gan_core.store import workspace_path  # noqa: E402
from gan_core.tasks.compute import Compute  # noqa: E402
from helpers_compute import COMMAND  # noqa: E402
from pages.components import asking, shell  # noqa: E402


@st.cache_resource
def compute():
    return Compute(workspace_path(), 2, command=COMMAND)


shell.compute = compute
place = st.slider("Place", 0, 20)
slow = st.query_params.get("seconds", "1")
result = asking.answer("look", slot="slider", data=f"sleep {slow} {place}")
st.write(f"Computed {result.words.split()[1]}")
