"""What is wrong with a run, and a button that tries the remedy."""

import streamlit as st

from gan_core import visitors
from gan_core.config.spec import make_spec
from gan_core.errors import BadInput
from gan_core.evaluation import alarms
from gan_core.launch import queue
from gan_core.store import weights
from pages.components import fork_view, markdown, once, shell


def show(store, run):
    """The alarms of a run, or why nothing can be said or done; nothing is drawn while all is well.  Returns them."""
    knobs = ()
    if not run.elsewhere:
        try:
            knobs = shell.known_cards()[shell.spec_of(run).architecture].knobs
        except BadInput as error:
            st.warning(markdown.told(error), icon=":material/link_off:")
            return []
    launched = once.made("alarm")
    found = alarms.raised(run.for_rules, shell.series(store, run.id).refresh(), knobs)
    for alarm in found:
        with st.container(border=True):
            st.markdown(markdown.filled(":orange[:material/warning:] **{}.** {}", alarm.title, alarm.why))
            words, button = st.columns([3, 2], vertical_alignment="center")
            words.caption(markdown.filled("What to try: {}", alarm.advice))
            changes = ", ".join(f"{name.replace('_', ' ')} {value:g}" if isinstance(value, (int, float)) and not
                                isinstance(value, bool) else f"{name.replace('_', ' ')} {value}"
                                for name, value in alarm.change.items())
            if changes and not visitors.are_here() and once.button(
                    markdown.filled("New run with {}", changes), key=f"alarm:{run.id}:{alarm.name}", place=button,
                    icon=":material/play_arrow:", width="stretch"):
                with shell.telling():
                    launched[:] = [queue.launch(store, _changed(run, alarm.change, changes)).id]
                    st.rerun()
            if alarm.back is not None and (step := weights.nearest(store, run.id, alarm.back)) is not None:
                shell.link("draw", label=f"Draw from the checkpoint of step {step:,}",
                           icon=":material/history:", query_params={"run": run.id, "step": str(step)})
                fork_view.link(run, step, f"Go back to it: a fork from step {step:,}")
    return found


def opened():
    """The run that a button of :func:`show` has launched, once: a fragment cannot leave its page by itself."""
    launched = once.made("alarm")
    return launched.pop() if launched else None


def _changed(run, change, words):
    spec = shell.spec_of(run)
    values = spec.settings.as_dict() | spec.knobs | change
    return make_spec(shell.known_cards()[spec.architecture], spec.data, spec.data_spec, values, size=spec.size,
                     name=f"{run.name}, {words}", backend=spec.backend)
