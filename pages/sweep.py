"""Sweep: good settings for an architecture on some data, looked for within a budget of time."""

import streamlit as st

from gan_core.config.spec import make_spec
from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.sweeps import driving
from gan_core.sweeps.plan import BEST, TIME, Wanted, plan
from gan_core.sweeps.space import RANGE, parse
from gan_core.tasks import background
from pages.components import data_choice, knob_form, markdown, newest, once, own_presets, shell, sweep_view

store = shell.store()
state = st.session_state
USUAL = ("generator_rate", "discriminator_rate", "learning_rate")  # what most depends on, where it is there
BY = {BEST: "The best live score", TIME: "That, and how soon"}


def chosen_sweep():
    """The sweep that ``?sweep=`` names; a selectbox changes it.  None where there is none, or a new one is to be begun."""
    sweeps = {one.id: one for one in store.sweeps.list()}
    wanted = st.query_params.get("sweep", "")
    word = newest.word("sweep")
    if word:
        last = next(iter(sweeps), "")
        word = word if last and newest.shown("sweep", "sweep:shown", last) else ""
        wanted = last if word else state.get("sweep:shown", "")
    elif wanted and wanted not in sweeps:
        st.warning(markdown.filled("There is no sweep {!r} here.", wanted))
        wanted = ""
    if not word and state.get("sweep:shown:address") != wanted or "sweep:shown" not in state:
        state["sweep:shown"] = wanted
    if state["sweep:shown"] not in ("", *sweeps):
        state["sweep:shown"] = ""
    if not sweeps:
        return None
    shown = st.selectbox("Sweep", ["", *sweeps], key="sweep:shown", label_visibility="collapsed",
                         format_func=lambda key: f"{markdown.isolated(sweeps[key].name)}  ·  {key}" if key else
                         "A new sweep")
    state["sweep:shown:address"] = word or shown
    if shown:
        st.query_params["sweep"] = word or shown
    else:
        st.query_params.pop("sweep", None)
    return sweeps.get(shown)


def span(card, knob):
    """The range of one knob, as text: ``KNOB=LOW..HIGH`` or ``KNOB=A,B``."""
    key = f"sweep:{card.name}:{knob.name}"
    if knob.type == "bool" or knob.choices:
        options = list(map(str, knob.choices or (False, True)))
        picked = st.multiselect(markdown.plain(knob.label), options, default=options, key=key,
                                help=markdown.plain(knob.help))
        return f"{knob.name}={','.join(picked)}"
    left, right = st.columns(2)
    number = int if knob.type == "int" else float
    low, high, form = number(knob.low), number(knob.high), "%d" if number is int else "%g"
    steps = [1 if number is int else knob_form.step_of(end) for end in (low, high)]
    first = left.number_input(markdown.filled("{} from", knob.label), value=low, key=f"{key}:low",
                              help=markdown.plain(knob.help), format=form, step=steps[0])
    last = right.number_input(markdown.filled("{} to", knob.label), value=high, key=f"{key}:high",
                              help="By factors, and not by differences." if knob.log and low > 0 else None, format=form,
                              step=steps[1])
    return f"{knob.name}={first!r}{RANGE}{last!r}"


def wanted_values():
    """Budget, seeds and the rest: values of :class:`Wanted`."""
    knobs = {knob.name: knob for knob in Wanted.knobs()}
    left, right = st.columns(2)
    values = {"minutes": left.number_input("Minutes in all", value=30.0, key="sweep:minutes",
                                           help=markdown.plain(knobs["minutes"].help), format="%g"),
              "seeds": right.number_input("Seeds", value=3, step=1, key="sweep:seeds",
                                          help=markdown.plain(knobs["seeds"].help)),
              "parallel": left.number_input("Runs at the same time", value=1, step=1, key="sweep:parallel",
                                            help=markdown.plain(knobs["parallel"].help)),
              "each": right.number_input("Minutes a run (0: as the budget allows)", value=0.0, key="sweep:each",
                                         help=markdown.plain(knobs["each"].help), format="%g"),
              "by": st.segmented_control("What is better", [BEST, TIME], default=BEST, required=True, key="sweep:by",
                                         format_func=markdown.of(BY.get), help=markdown.plain(knobs["by"].help))}
    return values


def new():
    """The form; what it would do stands below it before anything begins."""
    cards = shell.known_cards()
    form, side = st.columns([3, 2], gap="large")
    with form:
        st.subheader("What")
        name = st.selectbox("Architecture", list(cards), key="sweep:architecture", label_visibility="collapsed",
                            index=list(cards).index("dcgan") if "dcgan" in cards else 0,
                            format_func=lambda one: markdown.isolated(cards[one].title))
        card = cards[name]
        chosen = data_choice.choose_data(store, {}, card.data)
        refusal = card.refuses(chosen.spec) if chosen else ""
        if refusal:
            st.error(markdown.plain(refusal), icon=":material/block:")
        if not chosen or refusal:
            return
        st.subheader("Which knobs")
        able = {knob.name: knob for knob in card.knobs
                if (knob.low is not None or knob.choices or knob.type == "bool") and not (
                    knob.only and chosen.spec.kind not in knob.only)}
        names = st.multiselect("Knobs", list(able), default=[one for one in USUAL if one in able],
                               key=f"sweep:{name}:knobs", label_visibility="collapsed",
                               format_func=lambda one: able[one].label, placeholder="Choose what is to vary")
        texts = [span(card, able[one]) for one in names]
    with side, st.container(border=True):
        st.subheader("How long")
        values = wanted_values()
        spec = make_spec(card, chosen.name, chosen.spec, {}, size=chosen.size)
        problem = promise(card, spec, texts, values)
        begun = once.made("sweep:start")
        if once.button("Start the sweep", key="sweep:start", type="primary", icon=":material/play_arrow:", width="stretch",
                       disabled=bool(problem)):
            with shell.telling():
                sweep = driving.begin(store, card, spec, texts, Wanted.parse(values))
                background.start(store, "sweep", None, {"sweep": sweep.id})
                begun[:] = [sweep.id]
                follow(begun)
        elif once.again("sweep:start") and begun:
            follow(begun)


def promise(card, spec, texts, values):
    """When it will be done, or why it cannot be begun: then that sentence, which is also returned."""
    try:
        wanted = Wanted.parse(values)
        parse(texts, card.knobs, spec.knobs, spec.kind)
        planned = plan(wanted)
    except BadInput as error:
        st.error(markdown.told(error), icon=":material/error:")
        return str(error)
    st.caption(markdown.plain(driving.finishing(store, planned)))
    if wanted.parallel > queue.parallel(store):
        st.warning(markdown.filled("The queue runs {} at once; raise that on the Runs page.", queue.parallel(store)))
    return ""


def follow(begun):
    """Go to the sweep that was begun here."""
    st.switch_page(shell.page("sweep"), query_params={"sweep": begun[0]})


def results(sweep):
    """What one sweep has found, as far as it is."""
    known = driving.Known(sweep, store.sweeps.runs(sweep.id))
    axes = ", ".join(f"{axis.knob.label.lower()} ({axis.in_words()})" for axis in known.space.axes)
    st.markdown(markdown.filled("{} on {}: {}. {:g} minutes, each run trains for {:.0f} s.", known.spec.architecture,
                                known.spec.data, axes, known.plan.seconds / 60, known.plan.train))
    sweep_view.standing(store, known)
    sweep_view.verdict(known)
    sweep_view.leaders(store, known)
    sweep_view.keep_as_preset(store, known)
    sweep_view.drawn(known)
    sweep_view.all_trials(known)


@st.fragment(run_every=3)
def keep_to_newest():
    """Where the address keeps to the newest sweep: show the next one when it begins."""
    if next(iter(store.sweeps.list()), shown).id != shown.id:
        st.rerun()


st.title("Sweep")
shown = chosen_sweep()
if shown is None:
    st.caption("Settings are tried in a race of ordinary runs: one seed for each, more for the best third, and at the end "
               "the best three meet the defaults on fresh seeds.")
    new()
else:
    if newest.word("sweep"):
        keep_to_newest()
    try:
        results(shown)
    except BadInput as error:
        st.error(markdown.told(error), icon=":material/error:")
with st.expander("Presets that are kept in this workspace"):
    own_presets.manage(store)
