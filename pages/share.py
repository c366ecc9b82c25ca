"""Share: a run as one page that plays anywhere."""

import streamlit as st

from gan_core.errors import UserError
from gan_core.sharing.names import PRECISIONS, TEXT, TITLE
from pages.components import asking, checkpoint_choice, markdown, shell

PREVIEW = 900  # pixels
SIZES = {"int8": "int8: the smallest file", "float16": "float16: half of it", "float32": "float32: exactly what Draw draws"}

store = shell.store()
runs = shell.some_runs(store, "Share")

run = shell.chosen_run(store, runs, key="share")
shell.must_be_usable(run)
kept = checkpoint_choice.kept(store, run, "share")
st.caption("The run becomes one file that opens in any browser, without this workbench and without a network: the model in "
           "it draws new samples there, follows the mouse through its latent space, walks, and shows how it learned.")
side, main = st.columns([2, 5], gap="large")
with side, st.form(f"share:{run.id}", border=False):
    step, where = checkpoint_choice.choose(store, run, kept, f"share:{run.id}:step")
    title = st.text_input("Title", run.name, max_chars=TITLE, key=f"share:{run.id}:title")
    text = st.text_area("Your words", max_chars=TEXT, key=f"share:{run.id}:text",
                         placeholder="What is to be seen, who made it, and under which licence the data are.")
    precision = st.selectbox("Weights", PRECISIONS, format_func=SIZES.get, key=f"share:{run.id}:precision")
    if st.form_submit_button("Make the demo", type="primary", icon=":material/ios_share:"):
        st.session_state[f"share:{run.id}:wanted"] = {"title": title, "text": text, "precision": precision}
with main:
    if wanted := st.session_state.get(f"share:{run.id}:wanted"):
        try:
            page = asking.answer("demo", where, words="Making the demo", **wanted).files["demo.html"]
        except UserError as error:
            st.error(markdown.told(error), icon=":material/error:")
        else:
            st.download_button(markdown.filled("Download the demo ({} MB)", f"{len(page) / 1e6:.1f}"), page,
                               f"{run.id}-{step}.html", "text/html", icon=":material/download:", on_click="ignore",
                               type="primary")
            st.iframe(page.decode(), height=PREVIEW)
