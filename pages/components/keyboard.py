"""Keys for all pages: through sheets, to the search, and a list of them; see keyboard.js for what they do."""

from pathlib import Path

import streamlit as st

from pages.components.live_chart import source

KEYS = (("← →", "The sheet before and after"), ("Space", "Play the sheets, and stop"),
        ("/", "To the search of the page, or its choice of a run"), ("?", "This list"),
        ("Esc", "Close the list, or leave the search"))

_component = st.components.v2.component(
    "keyboard",
    html='<p class="keyboard" hidden>Press <kbd>?</kbd> for the keys of this page</p>'
         '<dialog class="keyboard-list" aria-labelledby="keyboard-title"><h2 id="keyboard-title">Keys</h2><dl></dl>'
         '<form method="dialog"><button>Close</button></form></dialog>',
    css="""
/* The last line of every page, whatever it draws. */
.st-key-keyboard, :has(> .st-key-keyboard) > .st-key-keyboard { order: 1 }
.keyboard { margin: 1rem 0 0; font-size: .8rem; color: var(--st-gray-text-color) }
.keyboard kbd, .keyboard-list kbd {
  font: inherit; padding: 0 .4em; border: 1px solid var(--st-border-color); border-radius: 4px; white-space: nowrap;
}
@media (hover: none) and (pointer: coarse) { .keyboard { display: none } }
.keyboard-list {
  max-width: min(26rem, 90vw); padding: 1.25rem; border: 1px solid var(--st-border-color); border-radius: 8px;
  color: var(--st-text-color); background: var(--st-background-color); font: inherit; margin: auto;
}
.keyboard-list::backdrop { background: rgba(0, 0, 0, .4) }
.keyboard-list h2 { margin: 0 0 .75rem; padding: 0; font-size: 1.1rem }
.keyboard-list dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1rem; margin: 0 0 1rem }
.keyboard-list dd { margin: 0 }
.keyboard-list button {
  font: inherit; padding: .3rem .9rem; color: inherit; background: none; border: 1px solid var(--st-border-color);
  border-radius: 8px; cursor: pointer;
}
""",
    js=source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def listen():
    """Listen to the keys, and say so in one quiet line at the end of the page."""
    _component(key="keyboard", data={"title": "Keys", "keys": [list(pair) for pair in KEYS],
                                     "alt": "The keys that work on every page"})
