"""Knobs as widgets: a form that no architecture has to write."""

import math

import streamlit as st

from pages.components import markdown

PREFIX = "knob"


def state_key(architecture, name):
    return f"{PREFIX}:{architecture}:{name}"


def fill(architecture, values):
    """Put values into the form; they show from the next rerun on, or in this one if it has not drawn them yet."""
    for name, value in values.items():
        st.session_state[state_key(architecture, name)] = value


def sound(knobs, values):
    """``(values, sentences)``: those of some values that their knobs can have, and what is wrong with the others: a record
    may be damaged, and no widget shows what is out of its range."""
    complaints = {knob.name: complaint(knob, values[knob.name]) for knob in knobs if knob.name in values}
    return ({name: value for name, value in values.items() if not complaints.get(name)},
            [sentence for sentence in complaints.values() if sentence])


def form(architecture, knobs, defaults, kind, before=None):
    """Draw a widget for every knob that means something here, grouped.

    Args:
        architecture: name, which keeps one architecture's values apart from another's.
        knobs: the :class:`gan_core.config.knobs.Knob` list, run settings included.
        defaults: name -> value, for knobs that have not been touched.
        kind: of the data.
        before: name -> value, from which what is changed is marked.

    Returns:
        ``{name: value}`` of every knob shown, and whether all of them can be used.  What cannot says why at its place.
    """
    for knob in knobs:
        st.session_state.setdefault(state_key(architecture, knob.name), defaults[knob.name])
    values = {knob.name: st.session_state[state_key(architecture, knob.name)] for knob in knobs}
    groups = {}
    for knob in knobs:
        if knob.applies(values, kind):
            groups.setdefault(knob.group, []).append(knob)
    shown, errors = {}, {knob.name: complaint(knob, values[knob.name]) for knob in knobs}
    for group, members in sorted(groups.items(), key=lambda item: item[0] == "Device"):  # last: few need it
        # What most people change is open; the rest is one click away, and opens by itself on an error.
        wrong = any(errors[knob.name] for knob in members)
        with st.expander(markdown.filled("{} ({})", group, len(members)), expanded=group == "Run" or wrong):
            columns = st.columns(2)
            for index, knob in enumerate(members):
                with columns[index % 2]:
                    shown[knob.name] = widget(architecture, knob)
                    if errors[knob.name]:
                        st.caption(markdown.filled(":red[:material/error: {}]", errors[knob.name]))
                    elif before and shown[knob.name] != before.get(knob.name, shown[knob.name]):
                        st.markdown(markdown.filled(":small[:blue[:material/edit: changed, was {}]]", before[knob.name]))
    return shown, not any(errors[name] for name in shown)


def complaint(knob, value):
    """Why a knob cannot have this value; "" when it can."""
    try:
        knob.check(value)
    except ValueError as error:
        return str(error)
    return ""


def widget(architecture, knob):
    """The widget of one knob.  Limits are in the help and checked when the run starts, where a sentence can say what
    is wrong; a number field would clip the value without a word."""
    key = state_key(architecture, knob.name)
    keep = "session"  # a look at another page must not empty the form
    label = markdown.plain(knob.label)
    help = markdown.plain(knob.help)
    if knob.low is not None:
        help = markdown.filled("{}  \nBetween {:g} and {:g}; {:g} at first.", help, knob.low, knob.high, knob.default)
    if knob.type == "bool":
        return st.toggle(label, help=help, key=key, persist_state=keep)
    if knob.choices:
        return st.selectbox(label, knob.choices, help=help, key=key, persist_state=keep)
    if knob.type == "int":
        if knob.high - knob.low <= 16:
            return st.slider(label, int(knob.low), int(knob.high), help=help, key=key, persist_state=keep)
        return st.number_input(label, step=1, help=help, key=key, persist_state=keep)
    if knob.type == "float":
        return st.number_input(label, step=step_of(st.session_state[key]), format="%g", help=help, key=key,
                               persist_state=keep)
    return st.text_input(label, help=help, key=key, persist_state=keep)


def step_of(value):
    """A step that changes the second digit: 1e-5 for 2e-4, 0.01 for 0.5."""
    return 10.0 ** (math.floor(math.log10(abs(value) or 0.1)) - 1)
