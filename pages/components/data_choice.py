"""Choose data: a built-in dataset, a zip of one's own images or of pairs of them, or a table of one's own."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from gan_core import data
from gan_core.data import IMAGES, TABLE, DataSpec
from gan_core.errors import UserError
from gan_core.modalities.base import SIZED, modality
from pages.components import artifact_view, asking, markdown

OWN = "__own__"
SIZES = (28, 32, 48, 64, 96, 128)


@dataclass(frozen=True)
class Chosen:
    """``name`` in the catalogue, the :class:`DataSpec` at the chosen size, and that size (None: the data's own)."""

    name: str
    spec: DataSpec
    size: int | None


def choose(store, name, size):
    """Preset the choice, before it is drawn.  Returns whether there is such data."""
    st.session_state["data:name"] = name
    st.session_state["data:size"] = size or 0
    return name in [info.name for info in data.catalogue(store.workspace)]


def choose_data(store, errors):
    """Draw the choice.  Returns :class:`Chosen`, or None while there is nothing to train on."""
    infos = {info.name: info for info in data.catalogue(store.workspace)}
    options = [*infos, OWN]
    state = st.session_state
    if state.get("data:name") not in options:
        state["data:name"] = data.default_dataset()

    def title(name):
        if name == OWN:
            return "My own images (zip) or table (CSV)"
        info = infos[name]
        return info.title + ("" if info.available else " (not on this machine)")

    left, right = st.columns([3, 1])
    name = left.selectbox("Data", options, key="data:name", format_func=title, label_visibility="collapsed",
                          persist_state="session")
    own = name == OWN
    upload = state.get("data:upload") if own else None
    kind = modality((TABLE if _is_table(upload) else IMAGES) if own else infos[name].kind)
    sized = SIZED in kind.abilities
    native = None if own or not sized else infos[name].shape[0]
    size = state.get("data:size")
    # A duplicated run may have a size of its own.  (Of other data's own size Streamlit keeps the label, a string.)
    extra = {size} if size and isinstance(size, int) else set()
    sizes = [*(() if own else (0,)), *sorted({*SIZES} | extra - {native})]
    if size not in sizes:
        state["data:size"] = 32 if own else 0
    size = right.selectbox("Image size", sizes, key="data:size", disabled=not sized, label_visibility="collapsed",
                           persist_state="session",
                           format_func=lambda size: kind.learned if not sized else
                           f"{size} x {size}" if size else f"{native} x {native} (own size)") or None
    if "data" in errors or "size" in errors:
        st.caption(markdown.filled(":red[:material/error: {}]", errors.get("data") or errors["size"]))
    if own:
        return _own(store, size)
    info = infos[name]
    if not info.available:
        st.info(markdown.told(info.note), icon=":material/cloud_download:")
    size = size if sized else None
    if info.available:
        if st.toggle("Look at the data", key="data:look"):
            _show(name, size)
    return Chosen(name, info.spec(size), size)


def _is_table(upload):
    return upload is not None and upload.name.lower().endswith(".csv")


def _own(store, size):
    st.caption("A zip of images of any size, which are cropped to squares. One folder per class makes them labelled; "
               "folders source and target with equal names make pairs. Or a table: CSV with the names of its columns in the "
               "first line.")
    upload = st.file_uploader("Zip of images, or CSV", type=["zip", "csv"], key="data:upload", label_visibility="collapsed")
    if upload is None:
        return None
    # Under the name that it has with the person, in a folder of its own: data, runs and notes are named after the file.
    folder = store.workspace / "uploads" / hashlib.sha256(upload.getbuffer()).hexdigest()[:8]
    folder.mkdir(parents=True, exist_ok=True)
    stem = "".join(c if c.isalnum() or c in "-_ " else "_" for c in upload.name.rpartition(".")[0])[:60] or "images"
    table = _is_table(upload)
    path, size = folder / f"{stem}.{'csv' if table else 'zip'}", None if table else size
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_bytes(upload.getbuffer())
        partial.replace(path)
    return _show(str(path), size)


def _show(name, size):
    """A sheet of the data and what is in it: :class:`Chosen`; None (and a sentence) when it cannot be used."""
    try:
        result = asking.answer("look", words="Looking at the data", slot="train:look", data=name, size=size or 0)
    except UserError as error:
        st.error(markdown.told(error), icon=":material/error:")
        return None
    name, spec = result.values["name"], result.values["spec"]
    artifact_view.show(result.artifact("sheet"), alt=f"Some samples of {name}", width=400)
    labels = f", {spec.n_classes} classes ({', '.join(spec.classes[:10])})" if spec.labelled else ""
    shape = f"{len(spec.columns)} columns" if spec.columns else " x ".join(map(str, spec.shape))
    st.caption(markdown.filled("{:,} training samples of {}. {}", result.values["count"], shape + labels,
                               markdown.told(result.values["note"])))
    return Chosen(name, spec, size)
