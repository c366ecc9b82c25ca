"""The GAN workbench: navigation and page config, nothing else."""

import streamlit as st

from pages.components import shell

st.set_page_config(page_title="GAN workbench", page_icon="pages/components/icon.png", layout="wide")
shell.navigation().run()
