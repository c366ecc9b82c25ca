"""How far work in the background is, see :mod:`gan_core.tasks.background`."""

import streamlit as st

from gan_core.launch.eta import in_words
from gan_core.tasks import background
from pages.components import run_view


def progress(store, kind, now, before=""):
    """A bar with the time left, and a button that ends it; ``before`` stands before what is being done."""
    left = f", about {in_words(now.left)} left" if now.left is not None else ""
    bar, button = st.columns([5, 1], vertical_alignment="center")
    text = f"{before}{run_view.plain(now.what)}{left}"
    bar.progress(now.share, text=text[:1].upper() + text[1:])
    if button.button("Cancel", icon=":material/close:", key=f"work:{kind}:cancel", width="stretch",
                     help="What was kept before stays."):
        background.cancel(store, kind)
