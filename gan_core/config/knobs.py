"""Hyperparameters, each declared once.

A knob is a dataclass field.  Its metadata drives the training form, ``--set`` on the command line, validation,
the tests' miniature runs and the record kept with each run.  Nothing here imports Keras: the dashboard reads
knobs without loading a deep-learning framework.
"""

import dataclasses
import inspect
import math
from dataclasses import dataclass

from gan_core.config.known import no_such
from gan_core.errors import BadInput

_KNOB = "knob"
ABOVE_0 = ">0"  # in ``when``: any value above 0


@dataclass(frozen=True)
class Knob:
    """What is known of one hyperparameter.

    ``low`` and ``high`` are inclusive.  ``tiny`` is the value that miniature test runs use.  ``only`` names the
    kinds of data ("images", "points" ...) for which the knob means something.  ``when`` are pairs of another knob and the
    values, or :data:`ABOVE_0`, beside which this one means something: one pair that holds suffices.  ``None`` means
    always.
    """

    name: str
    type: str  # "int", "float", "bool" or "str"
    default: object
    help: str
    label: str
    group: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple = ()
    tiny: object = None
    only: tuple[str, ...] | None = None
    when: tuple | None = None

    def check(self, value):
        """The value as this knob's type; raises ``ValueError`` with a sentence when it cannot be."""
        value = self._convert(value)
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.label} must be one of {', '.join(map(str, self.choices))}, not {value!r}.")
        if self.low is not None and value < self.low or self.high is not None and value > self.high:
            raise ValueError(f"{self.label} must lie between {self._written(self.low)} and "
                             f"{self._written(self.high)}, not {self._written(value)}.")
        return value

    def _written(self, bound):
        return f"{int(bound):,}" if self.type == "int" else f"{bound:g}"

    def _convert(self, value):
        try:
            if self.type == "bool":
                return _boolean(value)
            if self.type == "str":
                return str(value)
            number = float(value)
            if not math.isfinite(number):
                raise ValueError
            if self.type == "int" and number != int(number):
                raise ValueError
            return int(number) if self.type == "int" else number
        except (TypeError, ValueError, OverflowError):
            kind = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}[self.type]
            raise ValueError(f"{self.label} must be {kind}, not {value!r}.") from None

    def fits(self, value):
        """Whether a value that was kept is of this knob's type; its bounds may have changed since."""
        if self.type == "float":
            return type(value) in (int, float) and abs(value) < float("inf")
        return type(value).__name__ == self.type

    def applies(self, values, kind=None):
        """Whether the knob does anything for data of this kind, given the other knobs' values."""
        if self.only and kind and kind not in self.only:
            return False
        return self.when is None or any(_holds(values.get(name), wanted) for name, wanted in self.when)

    def as_dict(self):
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values):
        """The inverse of :meth:`as_dict`, also after a trip through JSON (where tuples become lists)."""
        return cls(**values | {"choices": tuple(values["choices"]), "when": _pairs(values.get("when")),
                               "only": values.get("only") and tuple(values["only"])})


def _holds(value, wanted):
    return value is not None and (value > 0 if wanted == ABOVE_0 else value in wanted)


def _pairs(when):
    return when and tuple((name, wanted if wanted == ABOVE_0 else tuple(wanted)) for name, wanted in when)


def _boolean(value):
    if isinstance(value, str) and value.strip().lower() in ("true", "yes", "on", "1", "false", "no", "off", "0"):
        return value.strip().lower() in ("true", "yes", "on", "1")
    if isinstance(value, (bool, int)) and value in (0, 1):
        return bool(value)
    raise ValueError


def knob(default, *, help, low=None, high=None, log=False, choices=None, tiny=None, label=None, group="Networks",
         only=None, when=None):
    """A dataclass field that describes itself; see :class:`Knob` for the meaning of each argument.

    ``when`` is a dict here: ``{"optimizer": ("adamw",)}``, ``{"r1": ABOVE_0, "r2": ABOVE_0}``; ``only`` may be one kind.
    """
    only = (only,) if isinstance(only, str) else only
    if (low is None) != (high is None):
        raise TypeError("give a knob both low and high, or neither")
    meta = dict(help=help, low=low, high=high, log=log, choices=tuple(choices or ()),
                tiny=default if tiny is None else tiny, label=label, group=group, only=only,
                when=_pairs(when and when.items()))
    return dataclasses.field(default=default, metadata={_KNOB: meta})


def inherit(config, name, **changes):
    """The knob ``name`` of another Config with a few things changed, usually its default."""
    meta = dict(next(f for f in dataclasses.fields(config) if f.name == name).metadata[_KNOB])
    default = changes.pop("default", config.__dataclass_fields__[name].default)
    if "tiny" not in changes and meta["tiny"] == config.__dataclass_fields__[name].default:
        meta["tiny"] = default  # the old one was no choice of its own
    if isinstance(changes.get("when"), dict):
        changes["when"] = _pairs(changes["when"].items())
    if isinstance(changes.get("only"), str):
        changes["only"] = (changes["only"],)
    return dataclasses.field(default=default, metadata={_KNOB: meta | changes})


@dataclass(frozen=True, kw_only=True)
class Config:
    """A set of knobs.  Subclass it with ``@dataclass(frozen=True, kw_only=True)`` and fields made by :func:`knob`."""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        inherited, own = getattr(cls, "__dataclass_fields__", {}), inspect.get_annotations(cls)
        for name in vars(cls):
            # A dataclass would go by the inherited field: the knob is shown, and the value here has no effect.
            if name in inherited and name not in own:
                raise TypeError(f"{name} is a knob that {cls.__qualname__} inherits: change it with inherit(), or inherit "
                                "from a class that does not have it")

    @classmethod
    def knobs(cls):
        """The knobs in the order in which they are declared, base classes first."""
        knobs = []
        for field in dataclasses.fields(cls):
            meta = dict(field.metadata[_KNOB])
            meta["label"] = meta["label"] or field.name.replace("_", " ").capitalize()
            knobs.append(Knob(name=field.name, type=_type_name(field.type), default=field.default, **meta))
        return knobs

    @classmethod
    def parse(cls, values):
        """A Config from knob values of any form, text from a command line included.

        Raises:
            BadInput: naming every knob that does not exist or is out of range, each in ``fields``.
        """
        return cls(**check(cls.knobs(), values))

    @classmethod
    def tiny(cls, **changes):
        """The miniature configuration with which tests train in a second."""
        return cls(**{k.name: k.tiny for k in cls.knobs()} | changes)

    def as_dict(self):
        return dataclasses.asdict(self)


def _type_name(annotation):
    return annotation if isinstance(annotation, str) else annotation.__name__


def check(knobs, values):
    """Knob values converted and checked: ``{name: value}`` for every knob given.

    Raises:
        BadInput: with a sentence for each wrong knob in ``fields``.
    """
    known = {k.name: k for k in knobs}
    checked, errors = {}, {}
    for name, value in values.items():
        if name not in known:
            errors[name] = no_such("knob", name, known)
            continue
        try:
            checked[name] = known[name].check(value)
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise BadInput(" ".join(errors.values()), errors)
    return checked
