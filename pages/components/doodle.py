"""A canvas on which a map of labels, or lines, is drawn with the colours that a run has learned: see doodle.js."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from gan_core.sharing.page import PLAYER
from pages.components import markdown
from pages.components.live_chart import source

TOOLS = (("brush", "Brush", "B"), ("rectangle", "Rectangle", "R"), ("fill", "Fill", "F"), ("eraser", "Eraser", "E"))
ACTS = (("undo", "Undo"), ("redo", "Redo"), ("clear", "Clear"))

_component = st.components.v2.component(
    "doodle",
    html=f"""
<div class="doodle">
  <div class="doodle-tools" role="toolbar" aria-label="Tools">
    {"".join(f'<button type="button" data-tool="{name}" aria-keyshortcuts="{key}">{title}</button>' for name, title, key in
    TOOLS)} <label>Size <input data-size type="range" min="1" max="24" value="3"></label>
    {"".join(f'<button type="button" data-do="{name}">{title}</button>' for name, title in ACTS)}
  </div>
  <div class="doodle-palette" role="group" aria-label="Colours"></div>
  <canvas tabindex="0" role="application"
          aria-label="The drawing. Arrow keys move, Enter sets one corner of a rectangle and then the other."></canvas>
  <div role="status"></div>
</div>""",
    css="""
.doodle { display: flex; flex-direction: column; gap: .6rem }
.doodle canvas {
  width: min(100%, 480px, 62vh); image-rendering: pixelated; touch-action: none; cursor: crosshair;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
}
.doodle canvas:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
.doodle-tools, .doodle-palette { display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; max-width: 512px }
.doodle button {
  display: inline-flex; align-items: center; gap: .4rem; padding: .25rem .6rem; font: inherit; font-size: .875rem;
  color: var(--st-text-color); background: var(--st-background-color); cursor: pointer; max-width: 12rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
.doodle button:hover:enabled { border-color: var(--st-primary-color) }
.doodle button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
.doodle button[aria-pressed=true] { border-color: var(--st-primary-color); box-shadow: inset 0 0 0 1px
var(--st-primary-color) } .doodle button:disabled { opacity: .5; cursor: default }
.doodle button span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.doodle button i { width: 1rem; height: 1rem; flex: none; border-radius: 3px; border: 1px solid var(--st-border-color) }
.doodle label { display: inline-flex; align-items: center; gap: .4rem; font-size: .875rem }
.doodle input { width: 6rem; accent-color: var(--st-primary-color) }
.doodle [role=status] { min-height: 1.2rem; font-size: .875rem; color: var(--st-gray-text-color) }
""",
    js=source(PLAYER / "doodle.js") + "\n" + source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def canvas(key, shape, colours, names, *, example=None, drawn=None):
    """Draw the canvas.  Returns the map that was drawn last, int (H, W) of numbers of colours; None of an empty one.

    Args:
        key: another one for another run: the canvas begins anew.
        shape: (H, W) of the map.
        colours: of each label, [[grey], ...] or [[red, green, blue], ...]; the first is the ground.
        names: of the labels.
        example: ``(id, labels (H, W))`` that takes the place of what is drawn, once for each id.
        drawn: labels (H, W) to begin with, where the page was left and is seen again.
    """
    height, width = shape
    result = _component(key=key, data={
        "key": key, "width": width, "height": height, "names": [markdown.cleaned(name) for name in names],
        "colours": [list(colour) * 3 if len(colour) == 1 else list(colour)[:3] for colour in colours],
        "example": example and {"id": example[0], "labels": _text(example[1])}, "drawn": None if drawn is None
        else _text(drawn),
        "alt": "A canvas to draw on"}, on_drawn_change=lambda: None)
    told = getattr(result, "drawn", None)
    return _labels(told, shape, len(colours)) if isinstance(told, dict) and not told.get("empty") else None


def _text(labels):
    return base64.b64encode(np.ascontiguousarray(labels, np.uint8).tobytes()).decode()


def _labels(told, shape, count):
    """The map in what the browser said; None of what is no map of this run."""
    try:
        labels = np.frombuffer(base64.b64decode(told["labels"], validate=True), np.uint8)
    except (KeyError, TypeError, ValueError):
        return None
    if labels.size != shape[0] * shape[1] or labels.max(initial=0) >= count:
        return None
    return labels.reshape(shape)
