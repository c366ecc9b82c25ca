"""What is going wrong with a run, in plain words: why it seems so, and what to try.  One file an alarm, found by itself.

See :class:`gan_core.evaluation.alarms.base.Rule`.
"""

import functools
import sys
from dataclasses import dataclass

from gan_core.data import finding
from gan_core.evaluation.alarms.base import Curves, Rule


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong.

    ``why`` holds the figure and its threshold, ``advice`` what to try, ``change`` the knobs of a new run that tries it
    (empty when nothing can be said in general, or it is so already), ``back`` the step to go back to, if there is one: the
    checkpoint nearest to it is kept.
    """

    name: str
    title: str
    why: str
    advice: str
    change: dict
    back: int | None = None


def rules():
    """``{name: Rule}``, the gravest first; the name is the file's."""
    return _found()[0]


def broken():
    """``{name: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    known, wrong = finding.modules(sys.modules[__name__], _rule_of)
    return dict(sorted(known.items(), key=lambda item: item[1].gravity)), wrong


def _rule_of(module):
    rule = getattr(module, "RULE", None)
    if rule is not None and not isinstance(rule, Rule):
        raise ImportError(f"its RULE must be a Rule, not {type(rule).__name__}")
    return rule


def raised(run, series, knobs):
    """The :class:`Alarm` s of a run, the gravest first; ``knobs`` are those of its architecture."""
    curves, alarms = Curves(series), []
    for name, rule in rules().items():
        if said := rule.check(rule, curves, run):
            why, advice, change, *back = said
            alarms.append(Alarm(name, rule.title, why, advice, possible(change, run, knobs), *back))
    return alarms


def possible(change, run, knobs):
    """A change within the bounds of the knobs, without what the architecture or such data has no use for and what is so
    already.  Of a tuple of choices the first that the knob has is taken."""
    known = {knob.name: knob for knob in knobs}
    change = {name: _within(known[name], value) for name, value in change.items() if name in known}
    after = run.knobs | change
    return {name: value for name, value in change.items() if value is not None and value != run.knobs.get(name)
            and known[name].applies(after, run.data_kind)}


def _within(knob, value):
    if knob.choices:
        choices = value if isinstance(value, tuple) else (value,)
        return next((choice for choice in choices if choice in knob.choices), None)
    return value if knob.low is None else min(max(value, knob.low), knob.high)
