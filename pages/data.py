"""Data: what the workspace keeps of them, how much room each takes, which runs need it; looked at and deleted here."""

import pandas as pd
import streamlit as st

from gan_core.errors import UserError
from gan_core.modalities.base import SIZED, abilities_of
from gan_core.store import kept_data
from gan_core.store.kept_data import CLASSIFIER, DATASET, UPLOAD
from pages.components import data_view, markdown, once, shell

SORTS = {DATASET: "Dataset", UPLOAD: "Upload", CLASSIFIER: "Classifier"}
SHOWN = 20  # runs that need something
store = shell.store()
st.title("Data")


def table(things):
    """The table; returns what is ticked."""
    frame = pd.DataFrame({
        "Name": [thing.name for thing in things],
        "Sort": [SORTS[thing.sort] for thing in things],
        "What it is": [thing.words for thing in things],
        "MB": [thing.size / 10**6 for thing in things],
        "Runs": [len(thing.runs) for thing in things],
        "Since": pd.to_datetime([thing.changed for thing in things], unit="s", utc=True),
    })
    column = st.column_config
    event = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="multi-row",
        # A tick belongs to a place in the table: with other rows there it must not become another thing's.
        key=f"data:table:{hash(tuple(thing.name for thing in things))}",
        alt="Table of what is kept of data, with sizes and the number of runs that need it",
        column_config={"Name": column.TextColumn("Name", width="medium"),
                       "What it is": column.TextColumn("What it is", width="large"),
                       "MB": column.NumberColumn("MB", format="%.2f"),
                       "Since": column.DatetimeColumn("Since", format="distance")})
    return [things[row] for row in event.selection.rows if row < len(things)]


def about(thing):
    """One thing: what it looks like, and who needs it."""
    with st.container(border=True):
        st.markdown(markdown.bold(thing.name))
        if thing.info is not None and thing.info.available:
            try:
                size = thing.info.shape[0] if SIZED in abilities_of(thing.info.kind) else None
                data_view.show(data_view.look(thing.name, size, slot="data:look"))
            except UserError as error:
                st.error(markdown.told(error), icon=":material/error:")
        elif thing.info is not None:
            st.error(markdown.told(thing.info.note), icon=":material/error:")
        if thing.sort == UPLOAD:
            st.caption("What was made of it is a dataset of its own, which stays when this goes; only for another image "
                       "size it would have to be sent again.")
        if thing.sort == CLASSIFIER:
            st.caption("It makes the features of scores. When it is gone it is taught again as soon as it is needed, and "
                       "may then differ a little: scores of both are not compared.")
        for run in thing.runs[:SHOWN]:
            shell.link("monitor", label=markdown.filled("{} · {}", run.name, run.status),
                       icon=":material/monitoring:", query_params={"run": run.id})
        if thing.runs[SHOWN:]:
            st.caption(f"And {len(thing.runs) - SHOWN:,} more runs.")


@st.dialog("Delete for good?")
def confirm_delete(doomed):
    for thing in doomed:
        st.markdown(markdown.filled("- {}, {}", thing.name, kept_data.in_words(thing.size)))
    for sentence in filter(None, map(kept_data.needed_by, doomed)):
        st.warning(markdown.told(sentence), icon=":material/warning:")
    if once.button(f"Delete {len(doomed)}", type="primary", key="data:delete:yes"):
        with shell.telling():
            for thing in doomed:
                kept_data.delete(store, thing.name, even_if_needed=True)
            st.rerun()


kept_data.sweep(store)
things = kept_data.kept(store)
if not things:
    st.info("Nothing is kept yet: send images, a table, music, sound or a text of your own on the Train page, or keep drawn "
            "samples on Draw.", icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
    st.stop()
st.caption(markdown.filled("{:,} kept, {} in all. Tick a row to look at it, or several to delete them.", len(things),
                           kept_data.in_words(sum(thing.size for thing in things))))
chosen = table(things)
if len(chosen) == 1:
    about(chosen[0])
if chosen:
    refusals = [refusal for refusal in (kept_data.at_work(store, thing) for thing in chosen) if refusal]
    for refusal in refusals:
        st.warning(markdown.told(refusal), icon=":material/lock:")
    if st.button(f"Delete {len(chosen)}", icon=":material/delete:", disabled=bool(refusals)):
        confirm_delete(chosen)
