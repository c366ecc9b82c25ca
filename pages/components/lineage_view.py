"""The line of descent of a run: what it is a fork of, what was changed, and which forks it has."""

import streamlit as st

from gan_core.store import lineage
from pages.components import markdown, shell

SHOWN = 6  # forks of one run; the Runs page has the others
GENERATIONS = 4  # above a run


def show(store, run):
    """Where a run comes from and what came of it, with links; nothing of one that is no fork and has none."""
    for number, (parent, ancestor) in enumerate(lineage.ancestors(store, run)[:GENERATIONS]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":gray[:material/fork_right:] Fork of" if not number else
                        ":gray[:material/fork_right:] itself a fork of", width="content")
            if ancestor:
                shell.link("monitor", label=markdown.plain(ancestor.name), query_params={"run": ancestor.id})
            else:
                st.markdown(markdown.filled("{} (it was deleted, or is in another workspace)", parent.id), width="content")
            st.caption(markdown.filled("at step {:,}, changed: {}", parent.step, lineage.in_words(parent.changed)),
                       width="content")
    if not (forks := lineage.children(store.list(), run)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":gray[:material/account_tree:] Forks of it", width="content")
        for child in forks[-SHOWN:]:
            shell.link("monitor", label=markdown.plain(child.name), query_params={"run": child.id})
        if len(forks) > SHOWN:
            st.caption(markdown.filled("and {:,} earlier ones, which the Runs page lists", len(forks) - SHOWN))


def parent_names(some, runs):
    """What each of ``some`` among all ``runs`` is a fork of, for a table: a name, the id of one that is not here, or ""."""
    names = {run.id: run.name for run in runs}
    return [markdown.cleaned(names.get(run.parent["id"], f"{run.parent['id']} (deleted)")) if run.parent else ""
            for run in some]
