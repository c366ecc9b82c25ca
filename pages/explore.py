"""Explore: what a model has learned, as a place to walk in."""

import streamlit as st

from gan_core import visitors
from gan_core.tasks.registry import task
from pages.components import checkpoint_choice, exploring, markdown, once, shell

WAYS = ["Walk", "Directions", *([] if visitors.are_here() else ["My picture", "Kept"])]

store = shell.store()
runs = shell.some_runs(store, "Explore")
run = shell.chosen_run(store, runs, key="explore")
shell.must_be_usable(run)
if refusal := task("explorer").refuses(run):
    st.info(markdown.told(refusal), icon=":material/info:")
    st.stop()
names = checkpoint_choice.kept(store, run, "explore")
if found := once.made("explore:walk"):  # of a picture that was just kept
    st.query_params["point"], st.session_state["explore:way"] = found.pop(), "Walk"
left, right = st.columns([3, 2], vertical_alignment="bottom")
with right:
    step, where = checkpoint_choice.choose(store, run, names, f"explore:{run.id}:step")
way = left.segmented_control("What", WAYS, default="Walk", required=True, key="explore:way", label_visibility="collapsed")
if way == "Walk":
    exploring.walk(store, run, where)
elif way == "Directions":
    exploring.find(store, run, where)
elif way == "My picture":
    exploring.picture(store, run, step)
else:
    exploring.kept(store, run)
