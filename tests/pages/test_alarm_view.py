"""Remedies: a button on the Monitor launches a new run with the change, and no change is one that cannot be made."""

import dataclasses
import json

import helpers_visits
import numpy as np
import pytest
from gan_core.config.spec import RunSpec, make_spec
from gan_core.data import IMAGES, POINTS, DataSpec
from gan_core.evaluation import alarms
from gan_core.store.artifacts import checkpoint_name
from helpers_pages import add_run
from helpers_runs import cli
from helpers_stores import whole
from helpers_visits import button, click, texts, visit
from helpers_alarms import BROKEN, healthy, late

known, store = helpers_visits.known, helpers_visits.store  # the fixtures

# The figures of every rule that a card has figures for; a diverged run has none.
OF_ONE = {"dead_codes"}  # alarms of architectures that have what can be ill, such as a codebook
FIGURES = {**{name: curves for name, (curves, _) in BROKEN.items() if name not in OF_ONE}, "not_a_number": {}}
# Of a rate that is the lowest there is none.
SLOWER_ALONE = {"discriminator_wins", "not_a_number", "better_before", "silent_track", "silent", "noise_bursts"}
# It is the data that have to change, or there is no knob for it.
WORDS_ALONE = {"constant_data", "empty_labels", "billboard", "one_class", "repeats_itself", "text_by_heart", "category_lost"}
EXTREMES = {"usual": {}, "slow": {"generator_rate": 1e-6, "discriminator_rate": 1e-6, "learning_rate": 1e-6},
            "clipped": {"clip": "norm", "clip_at": 1e-3}}


class Drawn:
    """Curves without a store."""

    def __init__(self, curves):
        self._curves = curves

    def curve(self, key):
        step, value = self._curves.get(key, ([], []))
        return np.asarray(step), np.asarray(value, float), np.zeros(len(step))


def cards_and_data(known):
    shapes = {IMAGES: DataSpec(IMAGES, (32, 32, 1), tuple("ab")), POINTS: DataSpec(POINTS, (2,))}
    return [(card, shapes[kind]) for card in known.values() for kind in shapes if not card.refuses(shapes[kind])]


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("loud", [1.0, 1e-9, 1e9], ids=["usual", "tiny", "huge"])
def test_every_remedy_can_be_launched_and_changes_something(known, extreme, loud):
    tried = set()
    for card, data in cards_and_data(known):
        own = {knob.name for knob in card.knobs}
        values = {name: value for name, value in EXTREMES[extreme].items() if name in own}
        spec = make_spec(card, data.kind, data, values | {"steps": 1500}, backend="tensorflow")
        for name, broken in FIGURES.items():
            curves = {key: (steps, loud * figures if "gradient" in key else figures)
                      for key, (steps, figures) in (healthy() | broken).items()}
            run = Ended(spec.as_dict(), "diverged" if name == "not_a_number" else "finished")
            found = {alarm.name: alarm.change for alarm in alarms.raised(run, Drawn(curves), card.knobs)}
            if name == "nothing_learned" and name not in found:
                assert spec.knobs["ema_decay"] > 0.995, "samples are of weights from before"
                continue
            change = found[name]
            tried |= {(name, bool(change))}
            new = make_spec(card, data.kind, data, spec.settings.as_dict() | spec.knobs | change, backend="tensorflow")
            assert {key: new.knobs[key] for key in change} == change
            changed = {key for key in change if new.knobs[key] != spec.knobs[key]}
            assert changed == set(change), f"{card.name}: {name} changes nothing by {set(change) - changed}"
            useful = {knob.name for knob in card.knobs if knob.applies(new.knobs, data.kind)}
            assert set(change) <= useful, f"{card.name} on {data.kind}: {name}"
    assert {name for name, change in tried if change} >= set(FIGURES) - {*SLOWER_ALONE, *WORDS_ALONE}


@dataclasses.dataclass
class Ended:
    spec: dict
    status: str
    message: str = ""
    steps: int = 1500

    @property
    def diverged(self):
        return self.status == "diverged"

    @property
    def data_kind(self):
        return self.kind

    @property
    def knobs(self):
        return self.spec["knobs"]

    @property
    def kind(self):
        return self.spec["kind"]


def of_alarm(store, known, curves, **fields):
    run = add_run(store, known, "Ill", architecture="dcgan", steps=1500, rows=0, sheets_at=(), **fields)
    store.add_rows(run.id, [(int(step), key, float(value), run.started + step)
                            for key, (steps, values) in (healthy() | curves).items() for step, value in zip(steps, values)])
    return run


def test_the_button_of_an_alarm_launches_the_run_that_it_names(store, known):
    run = of_alarm(store, known, late("d_gradient_norm", 5000.0), values={"seed": 7, "filters": 16})
    at = visit("monitor", run=run.id)
    label, = [each.label for each in at.button if each.label.startswith("New run with")]
    assert "clip norm" in label and "Gradients explode" in texts(at)
    at = click(at, label)
    new, = [each for each in store.list() if each.id != run.id]
    old, spec = RunSpec.from_dict(run.spec), RunSpec.from_dict(new.spec)
    changed = {name: value for name, value in spec.knobs.items() if value != old.knobs[name]}
    assert changed.keys() == {"clip", "clip_at"} and changed["clip"] == "norm" and 1 < changed["clip_at"] <= 1000
    assert dataclasses.replace(spec, knobs=old.knobs, name=old.name) == old, "all else is as it was"
    assert new.status == "queued" and new.name.startswith("Ill, clip norm")
    assert at.query_params["run"] == new.id, "and its page opens"


def test_an_alarm_without_a_remedy_has_words_and_no_button(store, known):
    run = of_alarm(store, known, late("d_accuracy_real", 0.995) | late("d_accuracy_fake", 0.99),
                   values={"discriminator_rate": 1e-6})
    at = visit("monitor", run=run.id)
    assert "The discriminator wins" in texts(at) and "What to try" in texts(at)
    assert not any(each.label.startswith("New run with") for each in at.button) and button(at, "Go on")


def test_a_healthy_run_has_no_alarm(store, known):
    at = visit("monitor", run=of_alarm(store, known, {}).id)
    assert "What to try" not in texts(at)


def test_the_command_line_and_the_monitor_say_the_same(store, known):
    run = of_alarm(store, known, BROKEN["better_before"][0] | late("d_gradient_norm", 5000.0))
    for step in (650, 690, 1300, 1500):
        store.artifacts(run.id).put(checkpoint_name(step), b"cut off" if step == 690 else whole())
    told = json.loads(cli("show", run.id, "--json", workspace=store.workspace).out)["alarms"]
    assert [alarm["name"] for alarm in told] == ["exploding", "better_before"]
    assert told[1]["change"] == BROKEN["better_before"][1] and told[1]["back"] == 700
    at = visit("monitor", run=run.id)
    said, words = texts(at).replace("\\", ""), cli("show", run.id, workspace=store.workspace).out
    assert all(alarm[part] in said and alarm[part] in words for alarm in told for part in ("title", "why", "advice"))
    assert "--set generator_rate=5e-05" in words
    # The way back is that of the nearest checkpoint that is kept and whole.
    assert f"sample {run.id} --checkpoint 650" in words
    link, back = [link for link in at.get("page_link") if "650" in link.proto.label]
    assert f"fork {run.id} --from 650" in words and back.proto.query_string == f"run={run.id}&fork=650"
    assert "step=650" in link.proto.query_string and run.id in link.proto.query_string


@pytest.mark.parametrize("damage", [{"spec": {}}, {"architecture": "gone"}])
def test_nothing_is_said_of_a_run_that_cannot_be_read(store, known, damage):
    run = of_alarm(store, known, late("d_gradient_norm", 5000.0))
    store.update(run.id, **damage | ({"spec": run.spec | damage} if "architecture" in damage else {}))
    answer = cli("show", run.id, "--json", workspace=store.workspace)
    assert answer.code == 0 and json.loads(answer.out)["alarms"] == []
