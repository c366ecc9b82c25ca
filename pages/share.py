"""Share: a run leaves the workbench, as a page that plays anywhere or as files for other programs; or one comes back."""

import streamlit as st

from pages.components import checkpoint_choice, examples_view, sharing_view, shell

store = shell.store()
st.title("Share")
runs = store.list()
if not runs:
    st.info("There are no runs yet. Start one on the Train page, or take one in.", icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
    sharing_view.unpack(store)
    examples_view.show(store)
    st.stop()
run = shell.chosen_run(store, runs, key="share")
way = st.segmented_control("What", ["Demo", "Model file", "Site", "Whole run", "Examples"], default="Demo", required=True,
                           key="share:way", label_visibility="collapsed")
if way == "Site":
    sharing_view.site(store, runs)
elif way == "Whole run":
    sharing_view.whole_run(store, run)
elif way == "Examples":
    examples_view.show(store)
else:
    shell.must_be_usable(run)
    kept = checkpoint_choice.kept(store, run, "share")
    (sharing_view.demo if way == "Demo" else sharing_view.export)(store, run, kept)
