"""What is going wrong with a run, in plain words: why it seems so, and what to try.

Every threshold stands in :data:`RULES`, with its source.  A rule is silent where its figures mean nothing: a critic
has no accuracy, and a run without the figures of a probe (see :mod:`gan_core.training.live_scores`) is not judged by them.
"""

from dataclasses import dataclass
from collections.abc import Callable

import numpy as np

from gan_core.modalities.base import LOWER, headline_of


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong.

    ``why`` holds the figure and its threshold, ``advice`` what to try, ``change`` the knobs of a new run that tries it
    (empty when nothing can be said in general, or it is so already).
    """

    name: str
    title: str
    why: str
    advice: str
    change: dict


GROWING = 1.1  # times in a window of probes: a variety that rises, or a lack that shrinks, like this is no collapse
FIRST = 20  # steps that a run's first gradients are measured on
EACH = 50  # steps over which accuracies are averaged: a batch of 32 knows only steps of 3 %


@dataclass(frozen=True)
class Rule:
    """``check(rule, curves, run)`` gives ``(why, advice, change)`` when the rule is broken, else None.

    ``window`` is in steps of training, or in probes where the rule looks at those; ``second`` is the threshold of a
    second figure, where there is one.
    """

    name: str
    title: str
    threshold: float
    window: int
    source: str
    check: Callable
    second: float = 0.0


class Curves:
    """What rules ask of a run's curves (a :class:`gan_core.store.curves.Series`)."""

    def __init__(self, series):
        self._series = series

    def recent(self, key, steps):
        """Values of the last ``steps`` steps; empty while the run is younger than that."""
        step, value, _ = self._series.curve(key)
        if not len(step) or step[-1] - step[0] + 1 < steps:
            return np.zeros(0)
        return value[step > step[-1] - steps]

    def early(self, key, first, last):
        """Values between two steps."""
        step, value, _ = self._series.curve(key)
        return value[(step >= first) & (step <= last)]

    def means(self, key, steps, each):
        """Of the last ``steps`` steps the means over every ``each``; empty while the run is younger than that."""
        value, step = self.recent(key, steps), self._series.curve(key)[0]
        part = (step[-1] - step[-len(value):]) // each if len(value) else value
        return np.array([value[part == number].mean() for number in np.unique(part)])

    def first(self, key, steps):
        """Values of the first ``steps`` steps, the very first value at least: one may stand for many steps."""
        step, value, _ = self._series.curve(key)
        return value[:max(1, np.count_nonzero(step <= steps))]

    def all(self, key):
        return self._series.curve(key)[1]


def raised(run, series, knobs):
    """The :class:`Alarm` s of a run, the gravest first; ``knobs`` are those of its architecture."""
    curves, found = Curves(series), []
    for rule in RULES:
        if said := rule.check(rule, curves, run):
            why, advice, change = said
            found.append(Alarm(rule.name, rule.title, why, advice, possible(change, run.spec, knobs)))
    return found


def possible(change, spec, knobs):
    """A change within the bounds of the knobs, without what the architecture or such data has no use for and what is so
    already.  Of a tuple of choices the first that the knob has is taken."""
    known = {knob.name: knob for knob in knobs}
    change = {name: _within(known[name], value) for name, value in change.items() if name in known}
    after = spec["knobs"] | change
    return {name: value for name, value in change.items() if value is not None and value != spec["knobs"].get(name)
            and known[name].applies(after, spec["kind"])}


def _within(knob, value):
    if knob.choices:
        return next((each for each in (value if isinstance(value, tuple) else (value,)) if each in knob.choices), None)
    return value if knob.low is None else min(max(value, knob.low), knob.high)


def _knob(run, name):
    return run.spec["knobs"].get(name)


def _not_a_number(rule, curves, run):
    if not run.diverged:
        return None
    rates = {name: _knob(run, name) / 10 for name in ("generator_rate", "discriminator_rate", "learning_rate")
             if _knob(run, name)}
    return (run.message or "A loss was not a number any more.",
            "Try learning rates of a tenth, or clip the gradients.", rates)


def _exploding(rule, curves, run):
    for key, name in (("d_gradient_norm", "discriminator"), ("g_gradient_norm", "generator")):
        now, then = curves.recent(key, rule.window), curves.early(key, 10, 10 + rule.window)
        if not len(now) or not len(then) or not np.isfinite(now).all():
            continue
        usual = max(float(np.median(then)), 1e-12)
        ratio = float(np.median(now)) / usual
        if ratio > rule.threshold:
            clip_at = float(f"{10 * usual:.2g}")
            clipped = _knob(run, "clip") == "norm" and _knob(run, "clip_at") <= clip_at
            return (f"The gradient of the {name} is {ratio:,.0f} times as long as at the start (over {rule.threshold:g} "
                    f"times, for {rule.window} steps).",
                    "Clip the gradient's norm, or lower the learning rate.",
                    _slower(run, f"{name}_rate") if clipped else {"clip": "norm", "clip_at": clip_at})
    return None


def _slower(run, *rates):
    """A quarter of these learning rates, as far as the architecture has them."""
    return {name: _knob(run, name) / 4 for name in rates if _knob(run, name)}


def _discriminator_wins(rule, curves, run):
    real, fake = (curves.means(key, rule.window, EACH) for key in ("d_accuracy_real", "d_accuracy_fake"))
    if not len(real) or not len(fake) or not min(real.min(), fake.min()) > rule.threshold:
        return None
    return (f"Over the last {rule.window} steps the discriminator was right about {real.mean():.1%} of real and "
            f"{fake.mean():.1%} of generated samples (both over {rule.threshold:.0%}, in every {EACH} of them): the "
            "generator learns little from a judge that it cannot fool.",
            "Give the discriminator a lower learning rate, or noise on what it sees.", _slower(run, "discriminator_rate"))


def _vanishing(rule, curves, run):
    # The first steps alone: a discriminator that wins at once leaves no gradient after fifty.
    now, then = curves.recent("g_gradient_norm", rule.window), curves.first("g_gradient_norm", FIRST)
    if not len(now) or len(curves.all("g_gradient_norm")) < 2 * len(now):
        return None
    usual, left = float(np.median(then)), float(np.median(now))
    if usual <= 0 or left >= rule.threshold * usual:
        return None
    minimax, smoothing = _knob(run, "loss") == "minimax", _knob(run, "label_smoothing")
    return (f"The generator's gradient has shrunk to {left / usual:.2%} of what it was at the start (under "
            f"{rule.threshold:.0%}, for {rule.window} steps): it hardly moves any more.",
            "Use the non-saturating loss." if minimax else "Weaken the discriminator: a lower rate, or label smoothing.",
            {"loss": "non-saturating"} if minimax else
            {"label_smoothing": 0.1} if smoothing is not None and smoothing < 0.1 else _slower(run, "discriminator_rate"))


def _collapse(rule, curves, run):
    """Either of two signs, in each of the last probes."""
    signs = (("spread", rule.threshold, "under",
              "generated samples differ {:.2f} times as much from each other as real ones"),
             ("duplicates", rule.second, "over", "{:.2f} of the samples have a near twin"))
    for key, threshold, side, words in signs:
        values = curves.all(key)[-rule.window:]
        if len(values) < rule.window or len(curves.all(key)) < 2 * rule.window:
            continue
        # Samples of a young generator are alike, too, but less and less.
        spread, duplicates = (_growth(curves.all(name), rule.window) for name in ("spread", "duplicates"))
        if spread > GROWING or duplicates < 1 / GROWING:
            continue
        if (values < threshold).all() if side == "under" else (values > threshold).all():
            figure = words.format(float(values[-1]))
            return (f"{figure[0].upper()}{figure[1:]} ({side} {threshold:g} in {rule.window} probes in a row).",
                    *_more_variety(run))
    return None


def _more_variety(run):
    """What to try against collapse: ``(advice, change)``."""
    return ("Show the discriminator several samples at once (packing), or try R1, WGAN-GP or R3GAN.",
            {"packing": 2} if _knob(run, "packing") == 1 else {"minibatch_std": True})


def _missing_classes(rule, curves, run):
    values = curves.all("class_entropy")
    late = values[-rule.window:]
    if len(values) < 2 * rule.window or not (late < rule.threshold).all():
        return None
    # A generator that comes nearer to the data, or to all of its classes, is on its way.
    if any(_growth(each, rule.window) < 1 / GROWING for each in (1 - values, curves.all("kernel"))):
        return None
    return (f"Samples fall on the classes less evenly than real ones: {float(late[-1]):.0%} of their entropy (under "
            f"{rule.threshold:.0%} in {rule.window} probes in a row), so some classes are seldom drawn.",
            *_more_variety(run))


def _growth(values, window):
    """How many times as large the newest value is as the one a window before; 1 when there is none."""
    return float(values[-1]) / max(float(values[-window]), 1e-12) if len(values) >= window and values[-1] > 0 else 1.0


def _overfitting(rule, curves, run):
    sure, gap = curves.all("sure_of_real")[-rule.window:], curves.all("held_out_gap")[-rule.window:]
    known = min(len(gap), len(sure)) >= rule.window
    if not known:
        return None
    sure, gap = float(np.median(sure)), float(np.median(gap))  # from one step to the next both swing
    if sure <= rule.threshold or gap <= rule.second:
        return None
    return (f"The discriminator is sure of real images it has seen (r_t {sure:.2f}, over {rule.threshold:g}) and much "
            f"less of held-out ones (a gap of {gap:.0%}, over {rule.second:.0%}): it learns the images by heart.",
            "Augment what it sees (ADA or DiffAugment), or use more images.",
            {"augment": ("ada", "diffaugment")} if _knob(run, "augment") == "none" else _slower(run, "discriminator_rate"))


def _plateau(rule, curves, run):
    headline = headline_of(run.kind)
    values = curves.all(headline.key)
    if len(values) < rule.window:
        return None
    late = values[-(len(values) // 3):]
    lower = headline.better == LOWER
    before, after = (float((np.min if lower else np.max)(part)) for part in (values[:-len(late)], late))
    noise = curves.all(f"{headline.key}_floor_std")  # of real samples against real ones, whose distance is 0 in the mean
    if (after < rule.threshold * before if lower else after > before / rule.threshold) \
            or (lower and len(noise) and after < rule.second * noise[-1]):
        return None
    return (f"The best {headline.title} of the last third of the run ({after:.4f}) is not 5 % better than the best before "
            f"({before:.4f}).", "It may have learned what it can: stop here, or lower the rates with a schedule.",
            {"schedule": "cosine", "schedule_steps": int(run.steps)} if _knob(run, "schedule") == "constant" else {})


RULES = (
    Rule("not_a_number", "The run diverged", 0.0, 0, "IEEE 754: what is not a number stays so", _not_a_number),
    Rule("exploding", "Gradients explode", 100.0, 100, "a choice of ours: a critic without bounds passes it in 800 steps",
         _exploding),
    Rule("discriminator_wins", "The discriminator wins", 0.98, 500,
         "Goodfellow 2014, section 3: log(1 - D(G(z))) saturates", _discriminator_wins),
    Rule("vanishing", "The generator's gradient vanishes", 0.01, 200, "Arjovsky and Bottou 2017, theorem 2.4", _vanishing),
    Rule("collapse", "Mode collapse", 0.5, 3, "a choice of ours, after the sign that Salimans 2016 (section 3.2) looks at",
         _collapse, second=0.2),
    Rule("missing_classes", "Classes are missing", 0.9, 3,
         "a choice of ours: one of ten classes left out takes 5 % of the entropy, two take 10 %", _missing_classes),
    Rule("overfitting", "The discriminator learns by heart", 0.6, 5, "Karras 2020b, section 3: r_t and r_v",
         _overfitting, second=0.25),
    Rule("plateau", "No progress any more", 0.95, 12, "a choice of ours; three deviations of noise are no distance",
         _plateau, second=3.0),
)
