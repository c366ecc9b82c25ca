"""A picture and what it became over each other, with a slider that wipes between them; the browser moves it by itself."""

from pathlib import Path

import streamlit as st

from pages.components.artifact_view import in_page
from pages.components.live_chart import source

_component = st.components.v2.component(
    "wipe",
    html='<div class="wipe-frame"><img class="wipe-lower"><img class="wipe-upper">'
         '<input type="range" min="0" max="100" value="50"></div><div class="wipe-words"><span></span><span></span></div>',
    css="""
.wipe-frame { position: relative; display: grid; --place: 50% }
.wipe-frame > * { grid-area: 1 / 1 }
.wipe-frame img { width: 100%; display: block; image-rendering: auto; border-radius: var(--st-base-radius) }
.wipe-upper { clip-path: inset(0 calc(100% - var(--place)) 0 0) }
.wipe-frame::after {
  content: ""; position: absolute; top: 0; bottom: 0; left: var(--place); width: 2px; margin-left: -1px;
  background: var(--st-primary-color); pointer-events: none;
}
.wipe-frame input {
  align-self: end; width: 100%; margin: 0 0 .4rem; position: relative; z-index: 1; accent-color: var(--st-primary-color);
}
.wipe-words { display: flex; justify-content: space-between; font-size: .875rem; color: var(--st-gray-text-color) }
""",
    js=source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def wipe(key, before, after, *, left="Before", right="After", alt=("", "")):
    """Draw two pictures, PNG bytes of one shape, over each other.

    Args:
        left, right: what stands below: what is seen to the left of the line, and to the right.
        alt: of ``before`` and of ``after``, in words.
    """
    _component(key=key, data={"upper": in_page(before), "lower": in_page(after), "upper_alt": alt[0], "lower_alt": alt[1],
                              "left": left, "right": right, "label": f"{left} or {right}",
                              "alt": f"{alt[0]}, and {alt[1]}"})
