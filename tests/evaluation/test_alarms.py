"""Alarms: each broken run raises its own, a healthy one none; every sentence has its figure and its threshold."""

import dataclasses

import numpy as np
import pytest
from helpers_alarms import BROKEN, PROBES, SLOWLY, STEPS, healthy, late
from helpers_pages import add_run, zoo
from helpers_runs import is_a_sentence

from gan_core.config.knobs import check
from gan_core.evaluation import alarms
from gan_core.evaluation.alarms.base import trend
from gan_core.store import DiskStore
from gan_core.store.curves import Series


@pytest.fixture
def store(tmp_path):
    found = DiskStore(tmp_path / "ws")
    yield found
    found.close()


def run_of(store, curves, architecture="dcgan", **fields):
    run = add_run(store, zoo(), architecture=architecture, steps=1500, rows=0, sheets_at=(), **fields)
    store.add_rows(run.id, [(int(step), key, float(value), run.started + step) for key, (steps, values) in curves.items()
                            for step, value in zip(steps, values)])
    return run, Series(store, run.id).refresh(), zoo()[architecture].knobs


def test_a_healthy_run_raises_nothing(store):
    assert alarms.raised(*run_of(store, healthy())) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_run_raises_its_own_alarm_and_no_other(store, name):
    (curves, change), family = BROKEN[name], "vqgan" if name == "dead_codes" else "dcgan"
    found = alarms.raised(*run_of(store, healthy() | curves, family))
    assert [alarm.name for alarm in found] == [name]
    alarm, = found
    assert is_a_sentence(alarm.why) and is_a_sentence(alarm.advice) and alarm.title[0].isupper()
    assert any(character.isdigit() for character in alarm.why), "the figure is named"
    assert check(zoo()[family].knobs, alarm.change) == alarm.change, "what it tries are knobs"
    assert change is None or alarm.change == change


@pytest.mark.parametrize("name", sorted(BROKEN.keys() - {"constant_data", "empty_labels"}))  # which data tell at once
def test_an_alarm_is_silent_until_it_has_seen_enough(store, name):
    """The same figures, but only just."""
    few = {key: (steps[steps <= 60], values[-len(steps[steps <= 60]):] if len(steps[steps <= 60]) else values[:0])
           for key, (steps, values) in (healthy() | BROKEN[name][0]).items()}
    assert alarms.raised(*run_of(store, few)) == []


def test_who_waits_for_a_stage_is_judged_from_there_on(store):
    """Of SRGAN the discriminator stands still while the distance alone is learned, of MedGAN the game has not begun."""
    def waiting(until, then):
        steps, values = healthy()["d_gradient_norm"]
        return {"d_gradient_norm": (steps, np.where(steps <= until, 0.0, then * values))}

    kernel = {"kernel": (np.append(0, PROBES), np.append(0.3, np.where(PROBES <= 700, 0.29, 0.3 * np.exp(-PROBES / 400))))}
    assert alarms.raised(*run_of(store, healthy() | waiting(700, 5.0) | kernel)) == []
    still = {key: (steps[steps <= 700], values[steps <= 700]) for key, (steps, values) in
             (healthy() | waiting(700, 5.0) | kernel).items()}
    assert alarms.raised(*run_of(store, still)) == []
    exploded = waiting(700, 1.0)["d_gradient_norm"]
    found, = alarms.raised(*run_of(store, healthy() | kernel | {
        "d_gradient_norm": (STEPS, np.where(STEPS > 1200, 5000.0, exploded[1]))}))
    assert found.name == "exploding"


def test_both_signs_of_collapse_are_seen(store):
    for key, value in (("spread", 0.2), ("duplicates", 0.6)):
        found, = alarms.raised(*run_of(store, healthy() | SLOWLY | late(key, value)))
        assert found.name == "collapse" and f"{value:.2f}" in found.why
        assert alarms.raised(*run_of(store, healthy() | late(key, value))) == [], "it still comes much nearer to the data"


def test_who_plays_against_nobody_is_not_told_of_a_discriminator(store):
    curves = healthy() | SLOWLY | late("duplicates", 0.9)
    found, = alarms.raised(*run_of(store, curves, "vae", values={"learning_rate": 1e-3}))
    assert found.name == "collapse" and "iscriminator" not in found.advice and found.change == {"learning_rate": 2.5e-4}


def test_classes_that_are_still_coming_are_not_missing(store):
    steps, _ = healthy()["class_entropy"]
    rising = np.linspace(0.3, 0.89, len(steps))
    assert alarms.raised(*run_of(store, healthy() | SLOWLY | {"class_entropy": (steps, rising)})) == []
    few = np.full(len(steps), 0.7)
    assert alarms.raised(*run_of(store, healthy() | {"class_entropy": (steps, few)})) == [], "it comes nearer to the data"
    assert alarms.raised(*run_of(store, healthy() | SLOWLY | {"class_entropy": (steps, few)})) != []


def test_one_bad_probe_is_no_collapse(store):
    steps, values = healthy()["spread"]
    values = values.copy()
    values[-1] = 0.1
    assert alarms.raised(*run_of(store, healthy() | {"spread": (steps, values)})) == []


def test_a_judge_that_fails_now_and_then_does_not_win(store):
    """In the mean of all steps it is right; but for fifty of them the generator had something to learn."""
    curves = late("d_accuracy_real", 1.0) | late("d_accuracy_fake", 1.0)
    steps, values = curves["d_accuracy_fake"]
    assert alarms.raised(*run_of(store, healthy() | curves)) != []
    curves["d_accuracy_fake"] = steps, np.where((steps > 1200) & (steps <= 1250), 0.9, values)
    assert curves["d_accuracy_fake"][1][-500:].mean() > 0.98
    assert alarms.raised(*run_of(store, healthy() | curves)) == []


@pytest.mark.parametrize("every", [1, 5], ids=["a row a step", "a row every five steps"])
def test_a_few_odd_batches_do_not_hide_who_wins(store, every):
    """As in runs that have collapsed: right in 99.6 %, and startled now and then."""
    curves = late("d_accuracy_real", 0.996) | late("d_accuracy_fake", 0.996)
    for key in curves:
        steps, values = curves[key]
        values = np.where(steps % 50 // every == 0, 0.3 if every == 1 else 0.86, values)  # one batch of a row's five
        curves[key] = steps[::every], values[::every]
    assert [alarm.name for alarm in alarms.raised(*run_of(store, healthy() | curves))] == ["discriminator_wins"]


def test_small_batches_that_are_all_right_now_and_then_are_no_victory(store):
    """Of four samples none or one is wrong: the median is 1, though one in ten is."""
    curves = {key: (STEPS, np.where(STEPS % 5 < 2, 0.75, 1.0)) for key in ("d_accuracy_real", "d_accuracy_fake")}
    assert alarms.raised(*run_of(store, healthy() | curves)) == []


def test_what_cannot_be_told_from_real_samples_is_no_plateau(store):
    near = BROKEN["plateau"][0] | {"kernel_floor_std": (PROBES, np.full(len(PROBES), 0.02))}
    assert alarms.raised(*run_of(store, healthy() | near)) == []


def test_what_fell_back_and_gets_better_again_is_no_plateau(store):
    """As where another stage begins: the best is long ago, and it is on its way there."""
    steps, _ = BROKEN["plateau"][0]["kernel"]
    middle = steps[len(steps) // 3]
    curve = np.where(steps <= middle, np.maximum(0.3 * np.exp(-steps / 100), 0.05),
                     0.05 + 0.04 * np.exp(-(steps - middle) / 300))
    floor = {"kernel_floor_std": (steps, np.full(len(steps), 0.001))}
    assert alarms.raised(*run_of(store, healthy() | floor | {"kernel": (steps, curve)})) == []
    still = np.where(steps <= middle, curve, 0.06)
    found, = alarms.raised(*run_of(store, healthy() | floor | {"kernel": (steps, still)}))
    assert found.name == "plateau"


@pytest.mark.parametrize("values, sure", [([3, 2, 1], -1.04), ([1, 1, 1, 1], 0.0), ([1, 2], 0.0), (range(10), 3.94)])
def test_how_surely_values_rise(values, sure):
    """By hand: S = -3 of 3 pairs, its deviation sqrt(3 * 2 * 11 / 18); 45 of 10 values, sqrt(125)."""
    assert trend(np.array(values, float)) == pytest.approx(sure, abs=0.01)


def test_remedies_take_no_step_below_the_smallest(store):
    stays = late("d_accuracy_real", 0.995) | late("d_accuracy_fake", 0.99)
    for rate, change in ((2e-6, {"discriminator_rate": 1e-6}), (1e-6, {})):
        found, = alarms.raised(*run_of(store, healthy() | stays, values={"discriminator_rate": rate}))
        assert found.change == change
    found, = alarms.raised(*run_of(store, healthy() | late("d_gradient_norm", 5e7)
                                   | {"d_gradient_norm": (STEPS, np.where(STEPS > 700, 5e7, 1e4))}))
    assert found.change == {"clip": "norm", "clip_at": 1000.0}


def test_a_critic_has_no_accuracy_to_be_alarmed_by(store):
    curves = {key: value for key, value in healthy().items() if "accuracy" not in key}
    assert alarms.raised(*run_of(store, curves, "wgan_gp")) == []


def test_a_diverged_run_says_where_and_takes_smaller_steps(store):
    found, = alarms.raised(*run_of(store, healthy(), status="diverged", message="d_loss was not a number at step 3."))
    assert found.name == "not_a_number" and "step 3" in found.why
    assert found.change == {"generator_rate": pytest.approx(2e-5), "discriminator_rate": pytest.approx(2e-5)}


def test_the_minimax_game_is_told_to_change_its_loss(store):
    found, = alarms.raised(*run_of(store, healthy() | late("g_gradient_norm", 1e-4), values={"loss": "minimax"}))
    assert found.change == {"loss": "non-saturating"}


def test_thresholds_have_a_source():
    rules = alarms.rules()
    assert len(rules) >= 8 and alarms.broken() == {} and all(rule.source and rule.title for rule in rules.values())
    assert len({rule.gravity for rule in rules.values()}) == len(rules), "their order is no chance"


def test_a_category_that_is_lost_is_named_and_one_that_comes_is_not_lost(store):
    from gan_core.data.columns import category, number

    columns = tuple(dataclasses.asdict(column) for column in (
        number("n", [1.0, float("nan")], missing=""), category("who", ["a", "b", ""], missing="")))
    for place, name in ((3, "who = missing"), (4, "who = a"), (5, "who = b"), (2, "n = missing"), (99, "A category")):
        curves = late("rarest_share", 0.0) | {"rarest_place": (PROBES, np.full(len(PROBES), place))}
        run, series, knobs = run_of(store, healthy() | curves)
        run = dataclasses.replace(run, spec=run.spec | {"columns": columns})
        found, = alarms.raised(run, series, knobs)
        assert found.name == "category_lost" and found.why.startswith(f"{name} is drawn 0.00 times")
    coming = {"rarest_share": (PROBES, 0.09 * (PROBES / PROBES[-1]) ** 2)}
    assert alarms.raised(*run_of(store, healthy() | coming)) == []


def test_training_rows_by_their_categories_is_tried_where_that_is_off(store):
    raised = alarms.raised(*run_of(store, healthy() | late("rarest_share", 0.0), "ctgan", data="tips",
                                   values={"by_categories": False}))
    found, = [alarm for alarm in raised if alarm.name == "category_lost"]
    assert found.change == {"by_categories": True}


def test_who_plays_alone_has_no_generator_and_nobody_to_weaken(store):
    alone = {key: points for key, points in healthy().items() if not key.startswith("d_")}
    shrinks = np.where(STEPS > 100, 1e-4, 1.0)
    assert alarms.raised(*run_of(store, alone | {"g_gradient_norm": (STEPS, shrinks)}, "lstm", data="tunes")) == []
    grows = np.where(STEPS > 1200, 5000.0, 1.0)
    (found,) = alarms.raised(*run_of(store, alone | {"g_gradient_norm": (STEPS, grows)}, "lstm", data="tunes"))
    assert found.name == "exploding" and found.why.startswith("The gradient is") and "discriminator" not in found.advice


@pytest.mark.parametrize("family, data, words", [("dcgan", "digits", ("images", "Augment")),
                                                 ("gan", "wine", ("rows", "Lower"))])
def test_what_is_learned_by_heart_is_called_what_it_is(store, family, data, words):
    curves, _ = BROKEN["overfitting"]
    found = next(alarm for alarm in alarms.raised(*run_of(store, healthy() | curves, family, data=data))
                 if alarm.name == "overfitting")
    assert f"learns the {words[0]} by heart" in found.why and found.advice.startswith(words[1])
    assert ("augment" in found.change) == (data == "digits")


@pytest.mark.parametrize("gap, told", [(0.3, False), (0.6, True)])
def test_a_critic_learns_by_heart_by_the_gap_alone(store, gap, told):
    """Its verdict has no zero: r_t says nothing of it."""
    curves = {name: curve for name, curve in healthy().items() if name != "sure_of_real"} | late("held_out_gap", gap)
    raised = alarms.raised(*run_of(store, curves, "wgan_gp", data="digits"))
    found = [alarm.why for alarm in raised if alarm.name == "overfitting"]
    assert [why.startswith("The critic holds held-out images for less real") for why in found] == [True] * told
