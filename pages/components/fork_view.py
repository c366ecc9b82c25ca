"""A fork of a run: the form with its own settings, in which some are changed, and the button that starts it."""

import json

import streamlit as st

from gan_core import visitors
from gan_core.config.spec import RunSettings
from gan_core.errors import BadInput, UserError
from gan_core.launch import forks
from gan_core.store import lineage, weights
from gan_core.tasks import checkpoints
from pages.components import asking, checkpoint_choice, knob_form, markdown, once, shell

OPEN = "fork:open for"  # the run whose form is open, kept beyond what draws the page anew, such as the end of the run
FOLLOWED = "fork:followed"  # the fork that the page went to last
ADDRESS = "fork"  # in the address of a Monitor: the checkpoint of which the form is opened


def offer(store, run):
    """A button that opens the form, which an address with ``fork=STEP`` opens, too; nothing for visitors, nor of a run that
    was made elsewhere."""
    wanted = st.query_params.pop(ADDRESS, None)
    if visitors.are_here() or run.elsewhere:
        return
    pressed = st.button("Fork", icon=":material/fork_right:", key="fork:open", width="stretch",
                        help="Go on from one of its checkpoints with other settings, as a run of its own. To go back to an "
                             "earlier step, fork from there: this run stays as it is.")
    if wanted:
        _choose(store, run, wanted)
    if pressed or wanted:
        st.session_state[OPEN] = run.id
        st.query_params["run"] = run.id  # else a page that keeps to the newest run would leave the form for the next one
    if st.session_state.get(OPEN) == run.id:
        _form(store, run)


def link(run, step=checkpoints.LAST, label="Fork"):
    """A link to the form for a checkpoint of a run; nothing where :func:`offer` has none."""
    if not (visitors.are_here() or run.elsewhere):
        shell.link("monitor", label=markdown.plain(label), icon=":material/fork_right:",
                   query_params={"run": run.id, ADDRESS: str(step)})


def opened():
    """The fork that the form has started, once, and once more for a second click: a dialog cannot leave its page itself."""
    launched, again = once.made("fork:start"), once.again("fork:start")
    if not launched or launched[0] == st.session_state.get(FOLLOWED) and not again:
        return None
    st.session_state[FOLLOWED] = launched[0]
    return launched[0]


def _choose(store, run, wanted):
    try:
        st.session_state[_key(run)] = checkpoints.resolve(store, run, wanted)[0]
    except BadInput as error:
        st.warning(markdown.told(error))


def _key(run):
    return f"fork:{run.id}:step"


def _closed():
    st.session_state.pop(OPEN, None)


@st.dialog("Fork this run", width="large", on_dismiss=_closed)
def _form(store, run):
    try:
        run = store.get(run.id)
        spec = shell.spec_of(run)
    except BadInput as error:
        st.error(markdown.told(error))
        return
    names = weights.whole(store, run.id)[0]
    if not names:
        st.info("This run has no checkpoint that could be gone on from. A run that is at work makes one every "
                f"{spec.settings.checkpoint_seconds:g} seconds: open this again in a moment.", icon=":material/info:")
        return
    st.caption("A fork is a run of its own. It begins with the weights, averages, optimizers and random states of this "
               "checkpoint and goes on with the settings below; with none changed its next steps are those of this run. "
               "To go back to an earlier step is a fork, too.")
    step, checkpoint = checkpoint_choice.choose(store, run, names, _key(run))
    card = shell.known_cards()[spec.architecture]
    knobs = [knob for knob in [*RunSettings.knobs(), *card.knobs] if knob.name not in forks.KEPT]
    own, place = {knob.name: knob.default for knob in knobs} | spec.settings.as_dict() | spec.knobs, f"fork:{run.id}"
    steps = own["steps"] if own["steps"] > step else 2 * own["steps"]  # or there would be nothing to do
    name = st.text_input("Name", key=f"{place}:name", max_chars=80, placeholder="named after this run")
    values, usable = knob_form.form(place, knobs, own | {"steps": steps}, spec.kind, before=own)
    planned, refusal = _planned(store, run, step, values, name) if usable else (None, "")
    if not usable:
        st.error("Some settings cannot be used; each says why.", icon=":material/error:")
    elif refusal := refusal or _reshaped(checkpoint, planned):
        st.error(markdown.told(refusal), icon=":material/block:")
    else:
        st.markdown(markdown.filled("Changed: {}.", lineage.in_words(planned.changed)))
    launched = once.made("fork:start")
    if once.button("Start the fork", key="fork:start", type="primary", icon=":material/play_arrow:",
                   disabled=not usable or bool(refusal)):
        with shell.telling():
            launched[:] = [forks.begin(store, planned).id]
            _closed()
            st.rerun()


def _planned(store, run, step, values, name):
    """``(plan, "")``, or why there can be none."""
    try:
        return forks.plan(store, run, step, values, name=name), ""
    except BadInput as error:
        return None, str(error)


def _reshaped(checkpoint, planned):
    """Why no checkpoint fits the networks that the changed knobs lead to; "" where it does.  They are built elsewhere."""
    changed = {name: now for name, (_, now) in planned.changed.items()}
    if not changed.keys() - {knob.name for knob in RunSettings.knobs()}:
        return ""
    try:
        answer = asking.answer("fork", checkpoint, words="Building its networks", changes=json.dumps(changed))
        return answer.values["refusal"]
    except UserError as error:
        return str(error)
