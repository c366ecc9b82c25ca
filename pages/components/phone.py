"""The Monitor on a narrow screen: the sheet, three figures and Stop come before anything else."""

import streamlit as st

from gan_core.launch.eta import in_words
from gan_core.store import ACTIVE
from pages.components import markdown, run_view, shell

SHEET, FIGURES, ACTIONS = "monitor-sheet", "monitor-figures", "monitor-actions"  # keys of containers, first to last
SCORES = (("kernel", "Distance"), ("accuracy", "Accuracy"), ("d_loss", "D loss"))  # the first that is measured
NARROW = 640  # pixels, where Streamlit puts columns below each other


def layout():
    """Let the containers of these keys come first on a narrow screen, wherever the page draws them."""
    keys = (SHEET, FIGURES, ACTIONS)
    # Only children of one parent have an order among them: whatever lies between them and the page is taken away.
    around = ", ".join(f".stMainBlockContainer > .stVerticalBlock :has(.st-key-{key})" for key in keys)
    order = " ".join(f".st-key-{key} {{ order: {place - len(keys)} }}" for place, key in enumerate(keys))
    # The <i> keeps the style here, see live_chart.load_plotly_js.
    st.html(f"""<style>
.st-key-{FIGURES}, .stLayoutWrapper:has(> .st-key-{FIGURES}) {{ display: none }}
@media (max-width: {NARROW}px) {{
  {around} {{ display: contents }}
  {order}
  .stMainBlockContainer .stColumn {{ flex: none; width: 100% }}
  .st-key-{FIGURES} {{ display: flex; flex-wrap: nowrap; gap: .5rem }}
  .st-key-{FIGURES} > * {{ flex: 1 1 0; min-width: 0; width: auto }}
  .st-key-{FIGURES} [data-testid="stMetricValue"] {{ font-size: 1.25rem }}
}}
</style><i></i>""")


def figures(store, run):
    """How far it is, how long yet, and what is measured meanwhile; drawn on narrow screens alone."""
    series = shell.series(store, run.id).refresh()
    left = run_view.seconds_left(run)
    times = ("Left", in_words(left) if left is not None else "…") if run.status in ACTIVE else (
        "Took", in_words(run.seconds) if run.seconds else "…")
    key, label = next((score for score in SCORES if score[0] in series), ("", "Status"))
    with st.container(horizontal=True, key=FIGURES):
        for title, value in (("Step", f"{run.step:,}"), times, (label, f"{series.last(key):.3g}" if key else run.status)):
            st.metric(markdown.plain(title), markdown.plain(value))
