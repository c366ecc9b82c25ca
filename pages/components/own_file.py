"""A file of the visitor's own: sent, kept in the workspace, and let go of by this server's memory.

Pictures that are sent by themselves become one zip.
"""

import tempfile
import zipfile
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gan_core.data import file_kinds, label_lists, uploads
from gan_core.errors import BadInput, UserError
from gan_core.store import kept_data
from pages.components import markdown

KEY = "data:own"  # the path of the file that this visitor has sent
FILES = ("zip", "tar", "tgz", "gz", "npz", "npy", "csv", "tsv", "mid", "midi", "wav", "txt", "md", "abc",
         "parquet")
ARCHIVES = FILES[:6]
PACK = "my photos.zip"  # what pictures that were sent by themselves are called


def chosen():
    """The path of the visitor's file, "" while there is none."""
    path = st.session_state.get(KEY, "")
    return path if path and Path(path).exists() else ""


def choose(store, pictures=False):
    """Draw the place for a file, or for ``pictures`` and an archive of them.  Returns its path, "" while there is none."""
    state = st.session_state
    # A place for each file: what is in a used one stays in the memory of the server as long as the visitor.
    turn = state.setdefault(f"{KEY}:turn", 0)
    if pictures:
        # Of any type: what the browser refuses is a red mark without a word, or not even that beside others.
        sent = st.file_uploader("Pictures, or a zip of them", key=f"{KEY}:pictures:{turn}", label_visibility="collapsed",
                                accept_multiple_files=True)
    else:
        sent = st.file_uploader("Zip of images, music or sound, arrays, CSV, Parquet, MIDI, WAV or text", type=list(FILES),
                                key=f"{KEY}:{turn}",
                                label_visibility="collapsed")
    files = sent if isinstance(sent, list) else [sent] * (sent is not None)
    if files:
        state[f"{KEY}:turn"] = turn + 1
        state[f"{KEY}:refusal"] = ""
        try:
            state[KEY] = str(_kept(files, store.workspace, pictures))
        except UserError as error:
            state[f"{KEY}:refusal"] = str(error)
        for file in files:
            _let_go(file)
        st.rerun()
    path = chosen()
    if refusal := state.get(f"{KEY}:refusal"):
        st.error(markdown.told(refusal), icon=":material/error:")
    elif path:
        st.caption(markdown.filled(":material/description: {}, {}", Path(path).name,
                                   kept_data.in_words(Path(path).stat().st_size)))
    return path


def _kept(files, workspace, pictures):
    """The path of what was sent, in the workspace."""
    archives = [file for file in files if file.name.lower().endswith(ARCHIVES)]
    if not pictures or len(files) == 1 and archives:
        return uploads.keep(files[0].name, files[0], files[0].size, workspace)
    if archives:
        raise BadInput(f"{archives[0].name} is an archive: send it by itself, or pictures alone.")
    with tempfile.TemporaryFile() as whole:
        with zipfile.ZipFile(whole, "w") as pack:  # pictures are compressed already
            for name, file in zip(_told_apart(file.name for file in files), files):
                with pack.open(zipfile.ZipInfo(name), "w") as entry:  # the same pack of the same pictures, whenever
                    entry.write(_used(name, file.getbuffer()))
        size = whole.tell()
        whole.seek(0)
        return uploads.keep(PACK, whole, size, workspace)


def _used(name, content):
    """Of a file what is of use: all of a picture, and of a list of their labels; of others the beginning, which tells what
    they are."""
    first = content[:file_kinds.SNIFFED]
    return content if file_kinds.is_image(name, bytes(first)) or label_lists.is_list(name) else first


def _told_apart(names):
    """File names of which no two are the same."""
    seen = set()
    for name in names:
        path, number, other = Path(Path(name.replace("\\", "/")).name), 1, ""
        while (other := path.name if number == 1 else f"{path.stem} ({number}){path.suffix}") in seen:
            number += 1
        seen.add(other)
        yield other


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
