"""The GAN workbench: navigation and page config, nothing else."""

import streamlit as st

from pages.components import shell

st.set_page_config(page_title="GAN workbench", page_icon="pages/components/icon.png", layout="wide")
shell.frame()

page = st.navigation([
    st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
    st.Page("pages/train.py", title="Train", icon=":material/tune:"),
    st.Page("pages/monitor.py", title="Monitor", icon=":material/monitoring:"),
    st.Page("pages/gallery.py", title="Gallery", icon=":material/photo_library:"),
    st.Page("pages/runs.py", title="Runs", icon=":material/list_alt:"),
], position="top")
page.run()
