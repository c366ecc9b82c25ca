"""A file of the visitor's own: sent, kept in the workspace, and let go of by this server's memory."""

from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gan_core.data import uploads
from gan_core.errors import BadInput, UserError
from gan_core.store import kept_data
from pages.components import markdown

KEY = "data:own"  # the path of the file that this visitor has sent


def chosen():
    """The path of the visitor's file, "" while there is none."""
    path = st.session_state.get(KEY, "")
    return path if path and Path(path).exists() else ""


def choose(store):
    """Draw the place for a file.  Returns its path, "" while there is none."""
    state = st.session_state
    # A place for each file: what is in a used one stays in the memory of the server as long as the visitor.
    turn = state.setdefault(f"{KEY}:turn", 0)
    sent = st.file_uploader("Zip of images, arrays, or CSV",
                            type=["zip", "tar", "tgz", "gz", "npz", "npy", "csv", "tsv"],
                            key=f"{KEY}:{turn}", label_visibility="collapsed")
    if sent is not None:
        state[f"{KEY}:turn"] = turn + 1
        state[f"{KEY}:refusal"] = ""
        try:
            state[KEY] = str(uploads.keep(sent.name, sent, sent.size, store.workspace))
        except UserError as error:
            state[f"{KEY}:refusal"] = str(error)
        _let_go(sent)
        st.rerun()
    path = chosen()
    if refusal := state.get(f"{KEY}:refusal"):
        st.error(markdown.told(refusal), icon=":material/error:")
    elif path:
        st.caption(markdown.filled(":material/description: {}, {}", Path(path).name,
                                   kept_data.in_words(Path(path).stat().st_size)))
    return path


def accepted(path):
    """A dataset was made of the file."""
    uploads.prove(path)


def refused(path, error):
    """No dataset can be made of the file: it goes, and the page says why, unless another size or choice would do."""
    if isinstance(error, BadInput) and not error.fields:
        uploads.refuse(path)
        if not Path(path).exists():
            st.session_state[f"{KEY}:refusal"] = str(error)


def _let_go(sent):
    """Of the bytes of a file that is on the disk now."""
    if runtime.exists():
        runtime.get_instance().uploaded_file_mgr.remove_file(get_script_run_ctx().session_id, sent.file_id)
