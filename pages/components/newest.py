"""Addresses that keep to the newest run or sweep, whichever that is: ``?run=newest``, ``?run=newest-FAMILY``,
``?sweep=newest``."""

import streamlit as st

NEWEST = "newest"


def word(name):
    """What the address has for ``name``, ``"run"`` or ``"sweep"``, where it keeps to the newest; else ""."""
    word = st.query_params.get(name, "")
    return word if word == NEWEST or name == "run" and word.startswith(f"{NEWEST}-") else ""


def run(runs, word=NEWEST):
    """Of runs, newest first, the one that began last, of a family where the word says so; while none has begun the last that
    waits, and None where there is none."""
    family = word.partition("-")[2]
    runs = [run for run in runs if family in ("", run.architecture)]
    return next((run for run in runs if run.started), next(iter(runs), None))


def shown(name, widget, key):
    """Let a selectbox show the newest, of that key; False where the address does not keep to it or another was chosen.

    ``f"{widget}:address"`` is what the address had when the page was drawn last: a link that was followed since decides.
    """
    state, kept = st.session_state, f"{widget}:newest"
    at, before = word(name), state.get(kept)
    if not at or state.get(f"{widget}:address") == at and state.get(widget, before) != before:
        return False
    state[widget] = state[kept] = key
    return True
