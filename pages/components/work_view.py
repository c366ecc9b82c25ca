"""How long work on trained models looks: how far it is, what came of it, and what went wrong."""

import contextlib

import streamlit as st

from gan_core import visitors
from gan_core.errors import BadInput, RunFailed, StoreError
from gan_core.launch.eta import in_words
from gan_core.store import RUNNING
from gan_core.store.task_records import ACTIVE, ENDED, OPEN, STOPPING
from gan_core.tasks import background
from gan_core.tasks.registry import title
from pages.components import markdown, once


def active(store, kind, run):
    """The record of a task of this kind that is being done with a run, or is to be; the one that is farthest."""
    with contextlib.suppress(StoreError, RunFailed):  # of which the page has told
        background.tend(store)  # a page that stands open notices a process that died
    records = store.tasks.list(kind=kind, run=run.id, statuses=OPEN)
    return max(records, key=lambda record: (record.status in ACTIVE, record.share), default=None)


def last(store, kind, run):
    """The newest record of a task of this kind that has ended, None when there is none."""
    return next(iter(store.tasks.list(kind=kind, run=run.id, statuses=ENDED)), None)


def problem(record, *, serious=True):
    """What went wrong, if it did; what is not ``serious`` hides nothing else on the page."""
    if record is not None and record.message:
        if serious:
            st.error(markdown.short(record.message), icon=":material/error:")
        else:
            st.warning(markdown.short(record.message), icon=":material/error:")


def words(store, record):
    """What is being done, with the time left."""
    known = record.left is not None and record.status == RUNNING
    return background.in_words(store, record) + (f", about {in_words(record.left)} left" if known else "")


def progress(store, record, *, key, titled=True):
    """A bar with the time left, and a button that stops it; ``key`` names the place on the page."""
    bar, button = st.columns([5, 1], vertical_alignment="center")
    text = f"{title(record.kind)}: {words(store, record)}" if titled else words(store, record)
    bar.progress(record.share, text=markdown.plain(text[:1].upper() + text[1:]))
    if visitors.are_here():
        return
    if once.button("Stop", key=f"work:{key}:{record.id}:stop", place=button, icon=":material/stop:", width="stretch",
                   disabled=record.status == STOPPING, help="What it has kept stays."):
        try:
            background.stop(store, record.id)
        except BadInput:
            pass  # it has ended meanwhile, as was wished
        st.rerun()
