"""My photos: pictures of one's own become a run that suits their number and size."""

import streamlit as st

from gan_core.config.spec import RunSettings, make_spec
from gan_core.data.array_files import is_array_file
from gan_core.errors import BadInput, UserError
from gan_core.launch import eta, photos, queue
from gan_core.tasks.kinds.measure import Config as Measured
from pages.components import asking, data_choice, data_view, knob_form, markdown, once, own_file, shell

SIZES = (32, 64, 96, 128, 256)

store = shell.store()
cards = shell.known_cards()
state = st.session_state


def looked_at(path):
    """What was understood of the file, drawn; ``(Result, size)``, or None and a sentence when it cannot be used."""
    choices = data_choice.import_choices(arrays=is_array_file(path))
    size = state.get("photos:size")
    try:
        if not size:  # as large as they are, within reason
            state["photos:size"] = photos.side_for(_look(path, 0, choices).values["side"] or SIZES[1])
        result = _look(path, state["photos:size"], choices)
    except UserError as error:
        st.error(markdown.told(error), icon=":material/error:")
        own_file.refused(path, error)
        return None
    own_file.accepted(path)
    st.selectbox("Image size", SIZES, key="photos:size", format_func=lambda side: f"{side} x {side}",
                 help="Twice the side takes about four times as long.")
    data_view.show(result)
    return result, state["photos:size"]


def _look(path, size, choices):
    return asking.answer("photos", words="Looking at the pictures", slot="photos:look", data=path, size=size, **choices)


@st.fragment
def estimates(card, plan, spec):
    """When there should be something to recognise, and until when samples were seen to get better, here."""
    names = {knob.name for knob in card.knobs}
    knobs = card.defaults(spec.kind) | {name: value for name, value in plan.values.items() if name in names}
    try:
        counts = asking.answer("measure", words="Estimating", slot="photos:estimate",
                               **Measured.of(card.name, knobs, spec).as_dict()).values
    except UserError as error:
        st.caption(markdown.filled("No estimate: {}", markdown.told(error)))
        return
    first, last = st.columns(2)
    for column, title, steps in ((first, "To recognise after about", plan.recognisable),
                                 (last, "Still getting better at", plan.improving)):
        seconds, basis = eta.seconds(steps, counts["round_flops"], store.list(), card.name, spec.kind)
        column.metric(markdown.plain(title), markdown.filled("{}", eta.in_words(seconds)))
    st.caption(markdown.filled("{} {}", basis, plan.seen))


def start(card, name, spec, size, plan, launched):
    with shell.telling():
        try:
            run = make_spec(card, name, spec, plan.values, size=size, name=state.get("photos:name", ""))
        except BadInput as error:
            raise BadInput(" ".join(error.fields.values()) or str(error)) from error
        launched[:] = [queue.launch(store, run).id]
        follow(launched)


def follow(launched):
    """Go to the run that was launched here."""
    st.switch_page(shell.page("monitor"), query_params={"run": launched[0]})


def to_train(card, name, spec, size, plan):
    """The Train page with all of it filled in."""
    state["train:architecture"] = card.name
    state["train:kind"] = state.get("train:kind", {}) | {card.name: spec.kind}
    data_choice.choose(store, name, size)
    defaults = card.defaults(spec.kind) | {knob.name: knob.default for knob in RunSettings.knobs()}
    knob_form.fill(card.name, defaults | card.settings(spec.kind) | plan.values)
    st.switch_page(shell.page("train"))


st.title("My photos")
st.markdown("Drop pictures (JPEG, PNG, WebP, AVIF and others), or a zip of them with a folder for each class if there are "
            "classes; thousands arrive far sooner as a zip. A few hundred of one kind of thing are a good beginning. They "
            "stay on this computer.")
path = own_file.choose(store, pictures=True)
if path != state.get("photos:of"):  # what was chosen for other pictures suits these by chance
    state["photos:of"] = path
    for key in ("photos:size", "photos:name"):
        state.pop(key, None)
if path:
    left, right = st.columns([3, 2], gap="large")
    with left:
        seen = looked_at(path)
    if seen:
        result, size = seen
        name, spec, count = (result.values[key] for key in ("name", "spec", "count"))
        plan = photos.plan(count, result.values["counts"], result.values["mirror"], size,
                           different=result.values["different"], channels=spec.shape[-1])
        card = cards[plan.architecture]
        refusal = card.refuses(spec)
        with right, st.container(border=True):
            st.subheader("What suits them", anchor=False)
            if refusal:
                st.error(markdown.plain(refusal), icon=":material/block:")
            else:
                st.markdown(markdown.joined("\n", (markdown.filled("- {}", reason) for reason in plan.reasons)))
                estimates(card, plan, spec)
            st.text_input("Name", key="photos:name", max_chars=80, placeholder=f"{card.title} on {name}")
            launched = once.made("photos:start")
            if once.button("Start training", key="photos:start", type="primary", icon=":material/play_arrow:",
                           width="stretch", disabled=bool(refusal)):
                start(card, name, spec, size, plan, launched)
            elif once.again("photos:start") and launched:
                follow(launched)
            if st.button("Change settings first", key="photos:train", icon=":material/tune:", width="stretch"):
                to_train(card, name, spec, size, plan)
