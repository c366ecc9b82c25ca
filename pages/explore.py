"""Explore: what a model has learned, as a place to walk in."""

import streamlit as st

from gan_core import visitors
from gan_core.tasks.registry import task
from pages.components import checkpoint_choice, exploring, markdown, once, shell

store = shell.store()
runs = shell.some_runs(store, "Explore")
run = shell.chosen_run(store, runs, key="explore")
shell.must_be_usable(run)
if refusal := task("explorer").refuses(run, shell.known_cards().get(run.architecture)):
    st.info(markdown.told(refusal), icon=":material/info:")
    shell.link("draw", label="Draw samples", icon=":material/brush:", query_params={"run": run.id})
    shell.link("inspect", label="Inside its networks", icon=":material/frame_inspect:", query_params={"run": run.id})
    st.stop()
names = checkpoint_choice.kept(store, run, "explore")
if found := once.made("explore:walk"):  # of a picture that was just kept
    st.query_params["point"], st.session_state["explore:way"] = found.pop(), "Walk"
left, right = st.columns([3, 2], vertical_alignment="bottom")
with right:
    step, where = checkpoint_choice.choose(store, run, names, f"explore:{run.id}:step")
own = [] if visitors.are_here() else ["Kept"] if task("project").refuses(run) else ["My picture", "Kept"]
ways = ["Walk", "Directions", *own]
if st.session_state.get("explore:way", "Walk") not in ways:  # of another run
    del st.session_state["explore:way"]
way = left.segmented_control("What", ways, default="Walk", required=True, key="explore:way", label_visibility="collapsed",
                             format_func=markdown.plain)
if way == "Walk":
    exploring.walk(store, run, where)
elif way == "Directions":
    exploring.find(store, run, where)
elif way == "My picture":
    exploring.picture(store, run, step)
else:
    exploring.kept(store, run)
