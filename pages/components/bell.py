"""A bell on the Monitor: this browser tells that a run has ended or that an alarm is raised, while its page is open."""

from pathlib import Path

import streamlit as st

from gan_core.notices.notice import SAID
from gan_core.store import ENDED
from pages.components import markdown
from pages.components.live_chart import source

_component = st.components.v2.component(
    "bell",
    html='<div class="bell"><button type="button" class="bell-button"></button>'
         '<span class="bell-words" role="status"></span></div>',
    css="""
.bell { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; font-size: .875rem;
  color: var(--st-gray-text-color) }
.bell-button { font: inherit; color: var(--st-text-color); background: transparent; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); padding: .25rem .7rem; cursor: pointer }
.bell-button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color) }
.bell-button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
""",
    js=source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def bell(run, alarms):
    """Draw it: a button while nobody has asked, and what happens while somebody has."""
    over = run.status in ENDED
    events = [{"key": f"{run.id}:{run.attempt}:{alarm.name}", "title": f"{run.name}: {alarm.title}", "text": alarm.why}
              for alarm in alarms]
    if over:
        events.append({"key": f"{run.id}:{run.attempt}:{run.status}", "title": f"{run.name} {SAID[run.status]}",
                       "text": run.message or f"It has made {run.step:,} steps."})
    _component(key=f"bell:{run.id}", data={
        "run": run.id, "over": over,
        "events": [{name: markdown.cleaned(text) for name, text in event.items()} for event in events],
        "alt": "A button: this browser tells when the run ends, or when something goes wrong"})


def refused(store, run_id):
    """Sentences on notices of a run that did not arrive."""
    return list(dict.fromkeys(record.message for record in store.notices.list(run_id) if record.message))
