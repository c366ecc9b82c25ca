"""Train several architectures on the same data with the same budget, to compare them."""

import streamlit as st

from gan_core.config.spec import make_spec
from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.launch.eta import in_words
from pages.components import data_choice, markdown, once, shell

MOST = 24  # runs that one button starts


def draw(store):
    """The form; its button launches one run for each architecture and seed, and opens their comparison."""
    cards = shell.known_cards()
    chosen = data_choice.choose_data(store, {})
    if not chosen:
        return
    able = [name for name, card in cards.items() if not card.refuses(chosen.spec)]
    names = st.multiselect("Architectures", able, key="plan:names",
                           format_func=lambda name: markdown.isolated(cards[name].title),
                           default=[name for name in ("gan", "dcgan") if name in able])
    kind, amount, seeds, batch = st.columns(4)
    budget = kind.selectbox("Equal budget in", ["Minutes", "Steps"], key="plan:budget")
    if budget == "Minutes":
        values = {"minutes": amount.number_input("Minutes each", 0.1, 10_000.0, 3.0, key="plan:minutes"),
                  "steps": 100_000}
    else:
        values = {"steps": int(amount.number_input("Steps each", 1, 1_000_000, 1000, key="plan:steps"))}
    count = int(seeds.number_input("Seeds", 1, 10, 1, key="plan:seeds", help="The same again with other luck: without it, "
                                   "nobody knows how much a difference means."))
    size = int(batch.number_input("Batch size", 4, 2048, 64, key="plan:batch", help="The same for all."))
    total = len(names) * count
    if budget == "Minutes" and names:
        st.caption(markdown.filled("{} runs, one after the other: about {}.", total,
                                   in_words(60 * values["minutes"] * total)))
    opened = launched()
    if once.button(f"Train {total:,} runs", key="plan:train", type="primary", icon=":material/play_arrow:",
                   disabled=not names or total > MOST):
        with shell.telling():
            opened[:] = _launch(store, cards, names, chosen, values | {"batch_size": size}, count)
            st.rerun()
    if total > MOST:
        st.caption(f"At most {MOST} runs at once; choose fewer.")


def launched():
    """Ids of the runs that the button launched last, until the page shows them."""
    return once.made("plan:train")


def _launch(store, cards, names, chosen, values, seeds):
    """Check every spec before the first run starts; returns the runs' ids."""
    specs, errors = [], {}
    for name in names:
        for seed in range(seeds):
            try:
                specs.append(make_spec(cards[name], chosen.name, chosen.spec, values | {"seed": seed},
                                       size=chosen.size, name=f"{cards[name].title}, seed {seed}"))
            except BadInput as error:
                errors[cards[name].title] = str(error)
    if errors:
        raise BadInput(" ".join(f"{title}: {why}" for title, why in errors.items()))
    return [queue.launch(store, spec).id for spec in specs]
