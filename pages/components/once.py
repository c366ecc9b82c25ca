"""Buttons that start, delete or keep something: one drawn button is pressed once, however fast it is clicked.

Streamlit runs the page for every click, and a second one is under way before the browser has heard of the first.  Here each
drawing of a button has a number, which is part of what the browser knows it by and is used up by the first click: the second
is one on a button that is gone.
"""

import streamlit as st


def button(label, *, key, place=st, **options):
    """As ``st.button`` or that of a ``place``: whether it was pressed.

    What follows must do its work before it draws anything: Streamlit leaves a run of the page where it draws, when the next
    click has come, and the first would be lost.
    """
    number = st.session_state.setdefault(_number(key), 0)
    pressed = place.button(label, key=f"{key}:{number}", on_click=_clicked, args=(key, number), **options)
    if pressed:
        st.session_state[_number(key)] = number + 1
    return pressed


def again(key):
    """Whether a button that was pressed already was clicked once more: for a page that was left by the first click."""
    return st.session_state.pop(f"{_number(key)}:again", False)


def _number(key):
    return f"once:{key}"


def _clicked(key, number):
    if st.session_state.get(_number(key)) != number:
        st.session_state[f"{_number(key)}:again"] = True
