"""Choose data: a built-in dataset, a zip of one's own images or of pairs of them, or a table of one's own."""

import collections
from dataclasses import dataclass

import streamlit as st

from gan_core import data
from gan_core.config.import_knobs import ImportKnobs
from gan_core.data import DOMAINS, IMAGES, PAIRS, DataSpec, domains
from gan_core.data.array_files import is_array_file
from gan_core.data.library import kind_at
from gan_core.data.recipes import joined, recipes, split
from gan_core.data.sets import made_domains
from gan_core.errors import UserError
from gan_core.modalities.base import SIZED, modality
from pages.components import column_choice, data_view, knob_form, markdown, own_file, shell

OWN, IMPORT = "__own__", "import"
SIZES = (28, 32, 48, 64, 96, 128)


@dataclass(frozen=True)
class Chosen:
    """``name`` in the catalogue, the :class:`DataSpec` at the chosen size, and that size (None: the data's own)."""

    name: str
    spec: DataSpec
    size: int | None


def choose(store, name, size):
    """Preset the choice, before it is drawn.  Returns whether there is such data."""
    of, by = split(name)
    st.session_state["data:name"] = of
    st.session_state["data:size"] = size or 0
    if two := domains.two(by):
        st.session_state["data:from"], st.session_state["data:into"] = two
    elif by:
        st.session_state["data:pairs"] = by
    return data.described(name, store.workspace) is not None


def choose_data(store, errors, kinds=()):
    """Draw the choice.  Returns :class:`Chosen`, or None while there is nothing to train on.

    Args:
        kinds: of data that are to be learned: images can be made into pairs, and classes into two domains.
    """
    chosen = _chosen(store, errors)
    if chosen and DOMAINS in kinds and chosen.spec.kind in (IMAGES, PAIRS):
        return _two_domains(chosen)
    return _made(chosen, kinds) if chosen and chosen.spec.kind == IMAGES and PAIRS in kinds else chosen


def _made(chosen, kinds):
    """Pairs that a recipe makes of the images that were chosen, and some of them."""
    known = recipes()
    options = [*([""] if IMAGES in kinds else []), *known]
    state = st.session_state
    if state.get("data:pairs") not in options:
        state["data:pairs"] = options[0]
    recipe = st.selectbox("Pairs", options, key="data:pairs", persist_state="session",
                          format_func=lambda name: known[name].title.capitalize() if name else "No pairs",
                          help="Pairs are made of the images: each is what is to come out, and what the recipe leaves of it "
                               "is what the model is given.")
    if not recipe:
        return chosen
    name = joined(chosen.name, recipe)
    if why := known[recipe].refusal(chosen.spec.shape):
        st.error(markdown.plain(why), icon=":material/error:")
        return None
    if st.toggle("Look at the pairs", value=True, key="data:look_pairs"):
        return _show(name, chosen.size, slot="train:pairs")
    return Chosen(name, data.described(name, shell.store().workspace).spec(chosen.size), chosen.size)


def _two_domains(chosen):
    """Two classes of what was chosen, or both sides of pairs, as two domains, and some of them."""
    info, state = data.described(chosen.name, shell.store().workspace), st.session_state
    paired = info.kind == PAIRS
    options = list(domains.SIDES if paired else info.classes)
    if len(options) < 2:
        st.error(markdown.plain(domains.refusal(options, labelled=False)), icon=":material/error:")
        return None
    for key, place in (("data:from", 0), ("data:into", 1)):
        if state.get(key) not in options:  # never chosen, of other data, or told by its number
            number = domains.number(state.get(key, ""), options)
            state[key] = options[place if number is None else number]
    left, right = st.columns(2)
    names = (left.selectbox("From", options, key="data:from", format_func=markdown.isolated, persist_state="session",
                            help="What is translated."),
             right.selectbox("Into", options, key="data:into", format_func=markdown.isolated, persist_state="session",
                             help="What it becomes; the way back is learned, too."))
    if names[0] == names[1]:
        st.error("Choose two different ones.", icon=":material/error:")
        return None
    name = made_domains.name_of(info, names)
    if st.toggle("Look at the two", value=True, key="data:look_domains"):
        return _show(name, chosen.size, slot="train:domains")
    return Chosen(name, data.described(name, shell.store().workspace).spec(chosen.size), chosen.size)


def kind_chosen(store):
    """The kind of the data that are chosen; images, where nobody knows yet."""
    info = data.described(st.session_state.get("data:name", data.default_dataset()), store.workspace)
    return info.kind if info else IMAGES


def suit(store, card):
    """Choose the first data at hand of a kind that an architecture learns, where what is chosen is of another kind."""
    infos = {info.name: info for info in data.catalogue(store.workspace)}
    chosen = infos.get(st.session_state.get("data:name", data.default_dataset()))
    if chosen is None or chosen.kind in card.data:
        return
    if fitting := next((info for info in infos.values() if info.available and info.kind in card.data), None):
        choose(store, fitting.name, None)


def titles(infos):
    """``{name: what it is called in a list}`` of ``{name: DatasetInfo}``: of several with one title, as loose pictures that
    were sent at different times, each by its name and how many there are."""
    often = collections.Counter(info.title for info in infos.values())
    return {name: info.title if often[info.title] < 2 else
            name if info.count is None else f"{name}, {info.count:,} {modality(info.kind).words[1]}"
            for name, info in infos.items()}


def _chosen(store, errors):
    """What was chosen, as it is."""
    infos = {info.name: info for info in data.catalogue(store.workspace)}
    options, called = [*infos, OWN], titles(infos)
    state = st.session_state
    if state.get("data:name") not in options:
        state["data:name"] = data.default_dataset()

    def title(name):
        if name == OWN:
            return "My own: images, a table, music, sound or text"
        return markdown.isolated(called[name]) + ("" if infos[name].available else " (not on this machine)")

    left, right = st.columns([3, 1])
    name = left.selectbox("Data", options, key="data:name", format_func=title, label_visibility="collapsed",
                          persist_state="session")
    own = name == OWN
    sent = own_file.chosen()
    kind = modality((kind_at(sent) if sent else IMAGES) if own else infos[name].kind)
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


def _own(store, size):
    st.caption("A zip or tar of images of any size, which become squares. One folder per class makes them labelled; folders "
               "source and target with equal names make pairs, and a captions.csv of file and caption gives them words. Or "
               "images as arrays: npz or npy. Or a table: CSV with the names of its columns in the first line, or Parquet. "
               "Or music: a MIDI file, or a zip of them; or sound: WAV. Or a text in any script: txt.")
    path = own_file.choose(store)
    if not path:
        shell.link("photos", label="Photographs? Drop them on My photos, and settings that suit them are chosen for you",
                   icon=":material/add_photo_alternate:")
        return None
    kind = kind_at(path)
    chosen = _show(path, size if SIZED in modality(kind).abilities else None,
                   on_error=lambda error: own_file.refused(path, error),
                   **import_choices(arrays=is_array_file(path), kind=kind))
    if chosen:
        own_file.accepted(path)
    return chosen


def import_choices(arrays, kind=IMAGES):
    """What a person chose of how files of a kind of samples are read: ``{name: value}``."""
    knobs = [knob for knob in ImportKnobs.knobs() if knob.name != ("fit" if arrays else "channels")
             and kind in (knob.only or (IMAGES,))]
    if not knobs:
        return {}
    with st.expander("How it is read"):
        chosen = {}
        for knob in knobs:
            st.session_state.setdefault(knob_form.state_key(IMPORT, knob.name), knob.default)
            chosen[knob.name] = knob_form.widget(IMPORT, knob)
    return chosen


def _show(name, size, on_error=lambda error: None, slot="train:look", **choices):
    """Some of the data and what is in it: :class:`Chosen`; None (and a sentence) when it cannot be used."""
    try:
        result = data_view.look(name, size, slot=slot, **choices)
    except UserError as error:
        st.error(markdown.told(error), icon=":material/error:")
        on_error(error)
        return None
    data_view.show(result)
    if slot == "train:look" and result.values["columns"] and name == own_file.chosen():
        column_choice.show(result.values["columns"], knob_form.state_key(IMPORT, "columns"))
    return Chosen(result.values["name"], result.values["spec"], size)
