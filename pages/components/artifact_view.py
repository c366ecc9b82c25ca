"""Whatever shows samples, by its medium: pictures, tables, text, sound."""

import base64

import streamlit as st

from gan_core.reporting.text import tables_alone
from pages.components import markdown

LINE = 23  # pixels of a line of text


def show(artifact, *, caption=None, alt=None, width="stretch", height=None):
    """Show an :class:`gan_core.modalities.base.Artifact`; ``alt`` instead of its own words, ``width`` of a picture, and a
    ``height`` in pixels beyond which a text is rolled."""
    alt = alt or artifact.alt
    medium, _, kind = artifact.mime.partition("/")
    if medium == "image":
        st.image(in_page(artifact.data, artifact.mime), width=width, alt=alt,
                 caption=None if caption is None else markdown.plain(caption))
        return
    if medium == "audio":
        st.audio(artifact.data, format=artifact.mime)
    elif kind == "html":
        # In a box: text that is the path of a file would be replaced by what the file holds.
        st.html(f'<div>{tables_alone(artifact.data.decode(errors="replace"))}</div>')
    elif medium == "text":
        text = artifact.data.decode(errors="replace")
        tall = height is not None and LINE * (text.count("\n") + 1) > height
        st.code(text, language=None, wrap_lines=True, height=height if tall else "content")
    else:
        st.caption("This browser has no way to show these samples; download them.")
    if caption:
        st.caption(markdown.plain(caption))


def in_page(data, mime="image/png"):
    """A picture (bytes) as an address that holds it.

    Streamlit drops a picture from its server as soon as a page draws the next one; a browser that was still about
    to fetch it shows a broken image.  What is inside the page cannot be late.
    """
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
