"""Laboratory: GANs in the plane that train in the visitor's browser."""

import streamlit as st

from gan_core import laboratory
from pages.components import laboratory_view, shell

title, take = st.columns([3, 2], vertical_alignment="bottom")
title.title("Laboratory")
with take.container(horizontal=True, horizontal_alignment="right"):
    st.download_button("Download the laboratory", laboratory.composed(), "laboratory.html", "text/html",
                       icon=":material/download:", on_click="ignore",
                       help="One file that opens in any browser, without this workbench and without a network.")
st.caption("Two networks play against each other here, in your browser: one makes points, the other tells them from real "
           "ones. Change the game while it goes on, go back in time, play two games side by side, take a lesson.")
laboratory_view.show(st.query_params.get("state", ""), train=shell.is_open("train"))
