"""A thing to turn by mouse, finger or arrow keys, with its depth beside it; the browser has all views and asks nobody."""

from pathlib import Path

import streamlit as st

from pages.components.artifact_view import in_page
from pages.components.live_chart import source

_component = st.components.v2.component(
    "turntable",
    html='<div class="turntable" role="slider" tabindex="0"><div class="turntable-view"></div>'
         '<div class="turntable-view"></div></div><div class="turntable-words"></div>',
    css="""
.turntable { display: flex; gap: .5rem; cursor: grab; touch-action: pan-y; user-select: none; width: fit-content;
  max-width: 100%; border-radius: var(--st-base-radius) }
.turntable:active { cursor: grabbing }
.turntable:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
.turntable-view { width: 16rem; max-width: 50%; aspect-ratio: 1; background-repeat: no-repeat; image-rendering: pixelated;
  border-radius: var(--st-base-radius) }
.turntable-words { font-size: .875rem; color: var(--st-gray-text-color); margin-top: .25rem }
""",
    js=source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def turntable(key, turned):
    """Show the result of the task "turn": views beside each other in one picture, of the same depth in another, if known."""
    views, depth = turned.artifact("views"), turned.artifact("depth")
    _component(key=key, data={"angles": turned.values["angles"], "round": turned.values["round"],
                              "views": in_page(views.data, views.mime), "depth": depth and in_page(depth.data, depth.mime),
                              "alt": "A sample that can be turned: drag it, or press the arrow keys"})
