"""The place for runs that were made elsewhere: their files are sent, and become runs beside one's own."""

import tempfile
from pathlib import Path

import streamlit as st

from gan_core.outside import importing
from gan_core.outside.described import clean_name
from gan_core.outside.readers import readers
from pages.components import markdown, once, shell

SENT = 20  # files at once
SHOWN = 6  # sentences on a run


def take_in(store):
    """Draw the form, and what came of it."""
    st.caption("TensorBoard's event files and CSV files of other programs are shown beside your runs: curves, pictures and "
               "alarms. Their models stay where they are. All event files that you send together are one run, each CSV file "
               "is one.")
    done = once.made("elsewhere")
    with st.form("elsewhere", border=False, clear_on_submit=True):
        files = st.file_uploader("Event files or CSV files", accept_multiple_files=True, key="elsewhere:files",
                                 label_visibility="collapsed")
        names = st.columns(2)
        name = names[0].text_input("Name", max_chars=80, placeholder="that of the file", key="elsewhere:name")
        steps = names[1].text_input("Column of steps", max_chars=80, placeholder="step, epoch or the like is found",
                                    key="elsewhere:steps", help="Of a CSV file: which column counts the steps.")
        pressed = st.form_submit_button("Take them in", icon=":material/move_to_inbox:")
    if pressed and not files:
        st.warning("Choose a file first.", icon=":material/info:")
    elif pressed and len(files) > SENT:
        st.warning(f"Send up to {SENT} files at once.", icon=":material/info:")
    elif pressed:
        with shell.telling():
            done[:] = [(taken.run.id, taken.run.name, taken.notes) for taken in _taken(store, files, name, steps)]
            st.rerun()  # the table above has them, too
    for run_id, run_name, notes in done:
        st.success(markdown.filled("{} is here now.", run_name), icon=":material/check:")
        st.caption(markdown.joined("  \n", map(markdown.plain, notes[:SHOWN])))
        shell.link("monitor", label="Open it", icon=":material/monitoring:", query_params={"run": run_id})


def _taken(store, files, name, steps):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, file in enumerate(files):
            # Each in a folder of its own: two may be called the same.
            path = Path(folder) / f"{number}" / _called(file.name)
            path.parent.mkdir()
            path.write_bytes(file.getbuffer())
            paths.append(path)
        groups = []
        for reader in readers().values():
            mine = [path for path in paths if reader.takes(path)]
            # Events that were sent together are of one run, wherever they lay.
            groups += [(reader, group) for group in ([mine] if mine and reader.whole else reader.together(mine))]
        if not groups:
            importing.refuse(", ".join(path.name for path in paths[:3]))
        several = name and len(groups) > 1
        names = [clean_name(f"{name}/{group[0].stem}" if several else name or group[0].stem) for _, group in groups]
        return importing.take_groups(store, [(reader, group, called) for (reader, group), called in zip(groups, names)],
                                     steps=steps.strip())


def _called(name):
    """A file's name without what only its sender's system knows."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-100:].lstrip(".") or "file"
