"""Every kind of element that Streamlit draws Markdown in, each with all the texts of strangers."""

import sys
from pathlib import Path

import pandas as pd
import streamlit as st

sys.path[:0] = [str(Path(__file__).parents[1] / "helpers"), str(Path(__file__).parents[2])]

from helpers_strangers import TEXTS  # noqa: E402  (the path comes first)

from pages.components import markdown  # noqa: E402

DRAWN = {
    "plain": lambda text, key: st.markdown(markdown.plain(text)),
    "bold": lambda text, key: st.markdown(markdown.bold(text)),
    "within": lambda text, key: st.markdown(markdown.filled("a {} b", text)),
    "listed": lambda text, key: st.markdown(markdown.filled("- {}", text)),
    "heading": lambda text, key: st.subheader(markdown.plain(text), anchor=False),
    "caption": lambda text, key: st.caption(markdown.plain(text)),
    "alert": lambda text, key: st.error(markdown.plain(text), icon=":material/error:"),
    "red": lambda text, key: st.caption(markdown.filled(":red[:material/error: {}]", text)),
    "badge": lambda text, key: st.badge(markdown.badge(text)),
    "metric": lambda text, key: st.metric(markdown.plain(text), markdown.plain(text)),
    "progress": lambda text, key: st.progress(0.5, text=markdown.plain(text)),
    "button": lambda text, key: st.button(markdown.plain(text), key=key),
    "toggle": lambda text, key: st.toggle(markdown.plain(text), key=key),
    "link": lambda text, key: st.page_link("https://localhost", label=markdown.plain(text) or "a"),
    "field": lambda text, key: st.number_input(markdown.plain(text), key=key),
    "popover": lambda text, key: st.popover(markdown.plain(text), key=key),
    "expander": lambda text, key: st.expander(markdown.plain(text)),
    "table": lambda text, key: st.table(markdown.table({text: [text]})),
    "frame": lambda text, key: st.table(markdown.table(pd.DataFrame({text: [text]}, index=[text]))),
    "help": lambda text, key: st.button("a", key=key, help=markdown.plain(text)),
}
EACH = ("plain", "badge", "button", "table")  # has all texts; others draw them by the same code as one of these
FEWER = 4
TOGETHER = {
    "options": lambda: st.radio("a", range(len(TEXTS)), format_func=markdown.of(TEXTS.__getitem__), key="options"),
    "pills": lambda: st.pills("a", range(len(TEXTS)), format_func=markdown.of(TEXTS.__getitem__), key="pills"),
    "joined": lambda: st.markdown(markdown.joined("\n- ", TEXTS)),
}

for kind in st.query_params["kinds"].split(","):
    with st.container(key=f"kind-{kind}"):
        if kind in TOGETHER:
            TOGETHER[kind]()
        for number, text in enumerate((TEXTS if kind in EACH else TEXTS[::FEWER]) if kind in DRAWN else ()):
            with st.container(key=f"text-{kind}-{number}"):
                # A frame takes no halves of characters.
                DRAWN[kind](markdown.cleaned(text) if kind == "frame" else text, f"widget-{kind}-{number}")
st.container(key="done").markdown("Done")
