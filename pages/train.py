"""Train: choose an architecture and data, tune the knobs, start."""

import streamlit as st

from gan_core.config.known import no_such
from gan_core.config.spec import RunSettings, make_spec
from gan_core.data import catalogue
from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.store import presets
from gan_core.sweeps import driving, told
from pages.components import card_view, data_choice, knob_form, markdown, once, own_presets, own_zoo_view, shell
from pages.components.run_summary import summary

store = shell.store()
cards = shell.known_cards()
state = st.session_state
errors = state.setdefault("train:errors", {})
MOST_SET = 60  # knobs that an address sets


def duplicated():
    """Put the settings of the run that ``?like=`` names into the form, once: the address forgets it."""
    wanted = st.query_params.pop("like", None)
    if not wanted:
        return
    try:
        run = store.get(wanted)
        spec = shell.spec_of(run)
    except BadInput as error:
        st.warning(markdown.told(error))
        return
    state["train:architecture"] = spec.architecture
    state["train:kind"] = state.get("train:kind", {}) | {spec.architecture: spec.kind}
    if not data_choice.choose(store, spec.data, spec.size):
        st.warning(markdown.filled("The data {!r} of that run is not here any more; choose other data.", spec.data))
    fits, wrong = knob_form.sound(cards[spec.architecture].knobs, spec.knobs)
    if wrong:
        st.warning(markdown.plain(" ".join([*wrong, "The usual value stands in its place."])))
    knob_form.fill(spec.architecture, fits | spec.settings.as_dict())
    state["train:name"] = f"{run.name} (copy)"[:80]


def found():
    """Put the settings of a trial that ``?sweep=`` and ``?trial=`` name into the form, once: the address forgets them."""
    wanted, trial = st.query_params.pop("sweep", None), st.query_params.pop("trial", "")
    if not wanted:
        return
    try:
        known = driving.known(store, wanted)
        if known.spec.architecture not in cards:
            raise BadInput(no_such("architecture", known.spec.architecture, cards))
        chosen = next((one for one in known.trials.values() if str(one.number) == trial), None) or told.best_settings(known)
    except BadInput as error:
        st.warning(markdown.told(error))
        return
    card, kind = cards[known.spec.architecture], known.spec.kind
    state["train:architecture"] = card.name
    state["train:kind"] = state.get("train:kind", {}) | {card.name: kind}
    if not data_choice.choose(store, known.spec.data, known.spec.size):
        st.warning(markdown.filled("The data {!r} of that sweep is not here any more; choose other data.", known.spec.data))
    fits, wrong = knob_form.sound(card.knobs, known.spec.knobs | (chosen.params if chosen else {}))
    if wrong:
        st.warning(markdown.plain(" ".join([*wrong, "The usual value stands in its place."])))
    usual = card.defaults(kind) | {knob.name: knob.default for knob in RunSettings.knobs()} | card.settings(kind)
    knob_form.fill(card.name, usual | fits)


def asked_for():
    """Choose the architecture that ``?architecture=`` names, and the data and knobs (``?data=&set=NAME=VALUE&set=...``) that
    come with it, once: the address forgets them."""
    wanted = st.query_params.pop("architecture", None)
    dataset, pairs = st.query_params.pop("data", None), st.query_params.get_all("set")
    st.query_params.pop("set", None)
    if wanted in cards:
        state["train:architecture"] = wanted
        if dataset in {info.name for info in catalogue(store.workspace)}:
            data_choice.choose(store, dataset, None)
        elif dataset:
            st.warning(markdown.plain(f"There are no data {dataset!r} here; choose other data."))
        data_choice.suit(store, cards[wanted])
        if pairs:
            fill_in(cards[wanted], pairs)
    elif wanted:
        st.warning(markdown.plain(no_such("architecture", wanted, cards)))


def fill_in(card, pairs):
    """Put ``NAME=VALUE`` of an address into the form, above what is usual; what cannot be is told in one sentence."""
    kind = data_choice.kind_chosen(store)
    knobs = {knob.name: knob for knob in [*RunSettings.knobs(), *card.knobs]}
    values, wrong = {}, []
    for name, _, text in (pair.partition("=") for pair in pairs[:MOST_SET]):
        try:
            values[name] = knobs[name].check(text)
        except (KeyError, ValueError) as error:
            wrong.append(no_such("knob", name, knobs) if isinstance(error, KeyError) else str(error))
    usual = {knob.name: knob.default for knob in RunSettings.knobs()} | card.defaults(kind) | card.settings(kind)
    knob_form.fill(card.name, usual | values)
    state["train:kind"] = state.get("train:kind", {}) | {card.name: kind}
    if wrong:
        st.warning(markdown.filled("{} The usual value stands in its place.", wrong[0]))


def start(card, chosen, values, name, launched):
    """Check everything in gan_core; launch, or show each error at its field."""
    errors.clear()
    try:
        spec = make_spec(card, chosen.name, chosen.spec, values, size=chosen.size, name=name)
    except BadInput as error:
        # A knob's own error stands at its widget anyway, for as long as it is wrong.
        knobs = {knob.name for knob in card.knobs} | {knob.name for knob in RunSettings.knobs()}
        errors.update({field: why for field, why in error.fields.items() if field not in knobs}
                      if error.fields else {"form": str(error)})
        st.rerun()
    with shell.telling():
        launched[:] = [queue.launch(store, spec).id]
        follow(launched)


def follow(launched):
    """Go to the run that was launched here."""
    st.switch_page(shell.page("monitor"), query_params={"run": launched[0]})


duplicated()
found()
asked_for()
st.title("Train")
form, side = st.columns([3, 2], gap="large")

with form:
    st.subheader("Architecture")
    if state.get("train:architecture") not in cards:  # never chosen, or its file is gone
        state.pop("train:architecture", None)
    name = st.selectbox("Architecture", list(cards), key="train:architecture",
                        index=list(cards).index("dcgan") if "train:architecture" not in state else None,
                        format_func=lambda name: markdown.isolated(cards[name].title),
                        label_visibility="collapsed", required=True,
                        persist_state="session")
    own_zoo_view.show()
    card = cards[name]
    st.markdown(markdown.filled("{} {}", card.summary, card_view.paper(card)))

    st.subheader("Data")
    chosen = data_choice.choose_data(store, errors, card.data)
    refusal = card.refuses(chosen.spec) if chosen else ""
    if refusal:
        st.error(markdown.plain(refusal), icon=":material/block:")

    st.subheader("Settings")
    kind = chosen.spec.kind if chosen else card.data[0]
    defaults = (card.defaults(kind) | {knob.name: knob.default for knob in RunSettings.knobs()}
                | card.settings(kind))
    knobs = [*RunSettings.knobs(), *card.knobs]
    if state.get("train:kind", {}).get(name) != kind:  # other data, other defaults
        if name in state.get("train:kind", {}):
            knob_form.fill(name, defaults)
        state["train:kind"] = state.get("train:kind", {}) | {name: kind}
    with st.container(horizontal=True):
        for title, values in (dict.fromkeys(presets.COME_ALONG, {}) | card.presets_of(kind)).items():
            if title == presets.DEFAULTS or values:
                st.button(markdown.plain(title), key=f"preset:{title}", on_click=knob_form.fill,
                          args=(name, defaults | values), help=markdown.filled("Sets every knob: the defaults{}.", "".join(
                              f", {knob.replace('_', ' ')} {value}" for knob, value in values.items())))
    own_presets.choose(store, name, kind, defaults)
    values, usable = knob_form.form(name, knobs, defaults, kind)

with side, st.container(border=True):
    run_name = st.text_input("Name", key="train:name", max_chars=80,
                             placeholder=f"{card.title} on {chosen.name if chosen else '...'}")
    cost = st.container()  # filled last: counting takes a moment, and the button should not wait for it
    for field in ("form", "backend"):
        if field in errors:
            st.error(markdown.told(errors[field]))
    if not usable:
        st.error("Some settings cannot be used; each says why.", icon=":material/error:")
    launched = once.made("train:start")
    if once.button("Start training", key="train:start", type="primary", icon=":material/play_arrow:", width="stretch",
                   disabled=not chosen or bool(refusal)):
        start(card, chosen, values, run_name, launched)
    elif once.again("train:start") and launched:
        follow(launched)

if chosen and not refusal:  # which stands at the data
    with cost:
        summary(store, card, chosen, values)
