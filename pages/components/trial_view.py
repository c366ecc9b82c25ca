"""One image to judge, in the browser: see trial.js for what happens in time."""

from pathlib import Path

import streamlit as st

from gan_core.data import to_float
from gan_core.evaluation import human
from gan_core.modalities import drawing
from pages.components import artifact_view

SIDE = 384  # pixels of the screen that an image is enlarged to at most

_component = st.components.v2.component(
    "trial",
    html="""
<div class="trial">
  <div class="trial-stage"></div>
  <div class="trial-told" role="status"></div>
  <div class="trial-buttons">
    <button data-verdict="real" aria-keyshortcuts="ArrowLeft F" disabled><kbd>←</kbd>Real</button>
    <button data-verdict="generated" aria-keyshortcuts="ArrowRight J" disabled>Generated<kbd>→</kbd></button>
  </div>
</div>""",
    css=f"""
.trial {{ display: flex; flex-direction: column; align-items: center; gap: .5rem }}
/* The buttons are to be seen without scrolling. */
.trial-stage, .trial-buttons {{ width: clamp(220px, calc(100vh - 350px), {SIDE + 32}px); max-width: 100% }}
.trial-stage {{
  aspect-ratio: 1; display: grid; place-items: center; overflow: hidden;
  background: var(--st-secondary-background-color); border: 1px solid var(--st-border-color); border-radius: 8px;
}}
.trial-stage img, .trial-stage canvas {{ max-width: 100%; image-rendering: pixelated; user-select: none }}
.trial-cross {{ font-size: 2.5rem; font-weight: 300; color: var(--st-text-color); opacity: .7 }}
.trial-told {{ min-height: 1.6rem; font-weight: 600; color: var(--st-text-color) }}
.trial-told[data-right=true] {{ color: var(--st-green-text-color) }}
.trial-told[data-right=false] {{ color: var(--st-red-text-color) }}
.trial-buttons {{ display: grid; grid-template-columns: 1fr 1fr; gap: .75rem }}
.trial-buttons button {{
  display: flex; align-items: center; justify-content: center; gap: .75rem; padding: .9rem 0; cursor: pointer;
  font: inherit; font-size: 1.15rem; font-weight: 600; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 8px;
}}
.trial-buttons button:hover:enabled {{
  border-color: var(--st-primary-color); background: var(--st-secondary-background-color);
}}
.trial-buttons button:focus-visible {{ outline: 2px solid var(--st-primary-color); outline-offset: 2px }}
.trial-buttons button:disabled {{ opacity: .55; cursor: default }}
.trial-buttons kbd {{ font: inherit; font-weight: 400; opacity: .6 }}
""",
    js=Path(__file__).with_name("trial.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def trial(session, on_verdict):
    """Show the image that waits for its verdict.

    ``on_verdict(number, verdict, seconds, shown)`` is called with what the judge said, as
    :meth:`gan_core.evaluation.human.Session.answer` takes it.  Nothing that the browser is given tells what the image is.
    """
    key, number = f"trial:{session.id}", session.number
    image, told = session.images[number], None
    if session.feedback and number:
        truth = session.trials[number - 1].truth
        told = {"right": session.right(number - 1),
                "words": f"{'Right' if session.right(number - 1) else 'Wrong'}: it is {truth}"}

    def heard():
        said = st.session_state.get(key, {}).get("verdict")
        if isinstance(said, dict) and said.get("verdict") in (human.REAL, human.GENERATED):
            on_verdict(said.get("number"), said.get("verdict"), said.get("seconds"), said.get("shown"))

    _component(key=key, on_verdict_change=heard, data={
        "id": f"{session.id}:{number}", "number": number, "shown_ms": session.shown_ms, "told": told,
        "picture": picture(image), "alt": f"Image {number + 1} of {len(session.trials)}: real or generated?",
        "side": len(image), "colour": image.shape[-1] > 1})


def picture(image):
    """A uint8 image (H, W, C), enlarged, as an address that holds it."""
    return artifact_view.in_page(drawing.png(drawing.one(to_float(image), side=SIDE)))


def words(shown_ms):
    """How long an image is shown, for people."""
    return "No limit" if shown_ms is None else f"{shown_ms / 1000:g} s" if shown_ms >= 1000 else f"{shown_ms} ms"
