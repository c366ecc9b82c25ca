"""What is searched: knobs in ranges or among choices, each from its own declaration."""

import dataclasses
import itertools
import math
from dataclasses import dataclass

from gan_core.config.knobs import Knob
from gan_core.config.known import no_such
from gan_core.config.spec import RunSettings
from gan_core.errors import BadInput

RANGE = ".."
ENUMERATED = 10_000  # sets of values that are listed at most


@dataclass(frozen=True)
class Axis:
    """A knob that varies: between ``low`` and ``high``, both included, or among ``values``."""

    knob: Knob
    low: float | None = None
    high: float | None = None
    values: tuple = ()

    @property
    def name(self):
        return self.knob.name

    @property
    def log(self):
        """Whether factors count and not differences."""
        return bool(self.knob.log and self.low is not None and self.low > 0)

    @property
    def size(self):
        """How many values it has; infinite of numbers with fractions."""
        if self.values:
            return len(self.values)
        return int(self.high - self.low) + 1 if self.knob.type == "int" else math.inf

    def holds(self, value):
        return value in self.values if self.values else self.low <= value <= self.high

    def rounded(self, value):
        """A value as it is written: a number with a fraction has three digits."""
        if self.values or self.knob.type == "int":
            return value
        return min(max(float(f"{value:.3g}"), self.low), self.high)

    def in_words(self):
        if self.values:
            return ", ".join(map(str, self.values))
        return f"{self.low:g} to {self.high:g}" + (", by factors" if self.log else "")

    def as_dict(self):
        return {"knob": self.knob.as_dict(), "low": self.low, "high": self.high, "values": list(self.values)}

    @classmethod
    def from_dict(cls, values):
        return cls(Knob.from_dict(values["knob"]), values["low"], values["high"], tuple(values["values"]))


@dataclass(frozen=True)
class Space:
    """All that may be tried: ``axes``, of which one on which others depend comes before them; ``base`` is the value of every
    knob that does not vary, and of those that do at first; ``kind`` is that of the data."""

    axes: tuple[Axis, ...]
    base: dict
    kind: str

    def applies(self, axis, params):
        """Whether a knob means something beside these values of those before it."""
        return axis.knob.applies(self.base | params, self.kind)

    @property
    def size(self):
        """How many sets of values there are, those counted twice that differ in a knob that means nothing."""
        return math.prod(axis.size for axis in self.axes)

    def all(self):
        """Every set of values, where they are few; none where they are many."""
        if self.size > ENUMERATED:
            return
        known = [axis.values or range(int(axis.low), int(axis.high) + 1) for axis in self.axes]
        seen = set()
        for values in itertools.product(*known):
            params = {}
            for axis, value in zip(self.axes, values):
                if self.applies(axis, params):
                    params[axis.name] = value
            if (key := as_key(params)) not in seen:
                seen.add(key)
                yield params

    def at_base(self):
        """The values of the knobs that vary where nobody has searched."""
        params = {}
        for axis in self.axes:
            if self.applies(axis, params):
                params[axis.name] = self.base[axis.name]
        return params

    def holds(self, params):
        """Whether a set of values lies within the ranges."""
        return all(axis.holds(params[axis.name]) for axis in self.axes if axis.name in params)


def as_key(params):
    """Sets of values that are the same have the same key."""
    return tuple(sorted((name, str(value)) for name, value in params.items()))


def parse(texts, knobs, base, kind):
    """The :class:`Space` that a person asks for.

    Args:
        texts: ``["KNOB", "KNOB=LOW..HIGH", "KNOB=A,B,C"]``; without a range the knob's own declaration counts.
        knobs: the :class:`Knob` s of the architecture.
        base: the value of every knob where it does not vary.
        kind: of the data.

    Raises:
        BadInput: with a sentence for each knob in ``fields``: that there is not, that means nothing for such data or beside
            the other values, whose range is none, or empty, or reaches beyond its bounds; or when nothing is left to vary.
    """
    known, axes, errors = {knob.name: knob for knob in knobs}, {}, {}
    for text in texts:
        name, equals, span = (part.strip() for part in text.partition("="))
        try:
            if name in axes:
                raise ValueError(f"{known[name].label} is to be varied twice; name it once.")
            axes[name] = _axis(_knob(name, known, kind), span if equals else None)
        except ValueError as error:
            errors[name] = str(error)
    for name, axis in axes.items():
        if axis.knob.when and not _may_apply(axis, axes, base):
            errors[name] = (f"{axis.knob.label} means nothing beside the other settings; vary or set "
                            f"{' or '.join(other for other, _ in axis.knob.when)} too, or leave it out.")
    if errors:
        raise BadInput(" ".join(errors.values()), errors)
    if not axes:
        raise BadInput("Nothing is to be varied; name a knob, such as generator_rate=1e-4..1e-2.")
    space = Space(tuple(_ordered(list(axes.values()))), dict(base), kind)
    if space.size == 1:
        raise BadInput("There is only one set of values to try; widen a range, or vary another knob, too.")
    return space


def _knob(name, known, kind):
    if name in known:
        knob = known[name]
        if not knob.applies({}, kind) and knob.only and kind not in knob.only:
            raise ValueError(f"{knob.label} means nothing for {kind}; vary another knob.")
        return knob
    if any(name == setting.name for setting in RunSettings.knobs()):
        raise ValueError(f"{name} is a setting of every run and no knob of this architecture; choose from "
                         f"{', '.join(known)}.")
    raise ValueError(no_such("knob", name, known))


def _axis(knob, span):
    """An axis of a knob; ``span`` is what was said of its values, None for nothing."""
    if span is None:
        if knob.type == "bool" or knob.choices:
            return Axis(knob, values=knob.choices or (False, True))
        if knob.low is None:
            raise ValueError(f"{knob.label} has no range of its own; say which values: {knob.name}=A,B.")
        return Axis(knob, knob.low, knob.high)
    if RANGE in span and knob.type in ("int", "float") and not knob.choices:
        low, high = (knob.check(text.strip()) for text in span.split(RANGE, 1))
        if low > high:
            raise ValueError(f"{knob.label} cannot lie between {low:g} and {high:g}: the first is the lower end; write "
                             f"{knob.name}={high:g}{RANGE}{low:g}.")
        if low == high:
            raise ValueError(f"{knob.label} has one value, {low:g}, and nothing to search; widen its range, or set it "
                             "instead.")
        return Axis(knob, low, high)
    values = tuple(dict.fromkeys(knob.check(text.strip()) for text in span.split(",") if text.strip()))
    if len(values) < 2:
        ways = f"{knob.name}=A,B" if knob.choices or knob.low is None else f"{knob.name}=LOW{RANGE}HIGH or {knob.name}=A,B"
        raise ValueError(f"{knob.label} needs two values at least; write {ways}.")
    return Axis(knob, values=values)


def _may_apply(axis, axes, base):
    """Whether some values of the knobs that vary let this one mean something."""
    def some(name):
        other = axes.get(name)
        return [base.get(name)] if other is None else [*(other.values or (other.low, other.high)), base.get(name)]

    return any(dataclasses.replace(axis.knob, only=None).applies({name: value})
               for name, _ in axis.knob.when for value in some(name))


def _ordered(axes):
    """Those on which others depend first; else as they were named."""
    ordered = []
    while axes:
        names = {axis.name for axis in axes}
        free = [axis for axis in axes if not any(name in names - {axis.name} for name, _ in axis.knob.when or ())] or axes
        ordered += free
        axes = [axis for axis in axes if axis not in free]
    return ordered
