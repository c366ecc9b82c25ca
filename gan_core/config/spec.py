"""What a run is: everything that decides its result, as plain values."""

import dataclasses
from dataclasses import dataclass, field

from gan_core.config import backends
from gan_core.config.known import no_such, refuse_unknown
from gan_core.config.knobs import ABOVE_0, Config, check, knob
from gan_core.data import CAPTIONS, DOMAINS, IMAGES, MUSIC, PAIRS, SOUND, TABLE, TEXT, DataSpec
from gan_core.data.columns import Column
from gan_core.errors import BadInput

SPEC_VERSION = 5  # of what a RunSpec is made of; raise it with every change, and say in UPGRADES how to get there


@dataclass(frozen=True, kw_only=True)
class RunSettings(Config):
    """What every run has, whatever its architecture."""

    steps: int = knob(2000, low=1, high=10_000_000, log=True, tiny=4, group="Run",
                      help="Rounds of the game: one update of the generator each.")
    minutes: float = knob(0.0, low=0.0, high=100_000.0, group="Run", label="At most (minutes)",
                          help="Ends the run after this much training, whatever its steps: an equal budget for "
                               "architectures whose steps take unequal time. 0: no limit.")
    seed: int = knob(0, low=0, high=2**31 - 1, group="Run",
                     help="The same seed and settings give the same run on the same machine.")
    sample_every: int = knob(100, low=1, high=1_000_000, log=True, tiny=2, group="Run", label="Samples every",
                             help="Steps between two sheets of samples; the first steps are sampled more often.")
    checkpoint_seconds: float = knob(
        60.0, low=0.0, high=3600.0, tiny=0.0, group="Run", label="Checkpoint every (seconds)",
        help="What a power cut may cost at most. 0 saves after every call.")
    probe_seconds: float = knob(
        30.0, low=0.0, high=3600.0, tiny=0.0, group="Run", label="Measure every (seconds)",
        help="How often samples are measured against real ones while training goes on: kernel distance and variety. It "
             "takes about a second, and never more than a thirtieth of the time. 0: never.")
    stop_patience: int = knob(
        0, low=0, high=1000, group="Run", label="Stop when it was better (looks)", when={"probe_seconds": ABOVE_0},
        help="Ends the run once so many measurements in a row have brought nothing nearer to real samples than there was: "
             "small sets collapse when they are trained on for long. The best checkpoint is kept. 0: goes on.")
    held_out: float = knob(
        0.1, low=0.0, high=0.5, tiny=0.0, group="Training",
        only=(IMAGES, PAIRS, DOMAINS, CAPTIONS, TABLE, MUSIC, TEXT, SOUND), label="Kept from training",
        help="Share of your own data that is not trained on: by it it shows whether the discriminator learns the rest by "
             "heart, and whether the generator copies. Sets of fewer than 300 samples are trained on whole; built-in ones "
             "have test samples of their own. 0: all are trained on.")
    mirror: bool = knob(
        False, group="Training", only=(IMAGES, PAIRS, DOMAINS), label="Mirror half of the images",
        help="Left becomes right in every second image, at random: twice as many to learn from. Not for letters, digits or "
             "whatever else is another thing in a mirror.")
    jitter: float = knob(
        0.0, low=0.0, high=0.25, tiny=0.1, group="Training", only=(PAIRS,), label="Shift pairs by up to (share of a side)",
        help="Both images of a pair are shifted alike, each time otherwise: more to learn from than there is.")
    deterministic: bool = knob(False, group="Device", label="Deterministic operations",
                               help="Bit for bit the same result each time, at the price of some speed.")


@dataclass(frozen=True)
class RunSpec:
    """One run's architecture, data and settings.  Made by :func:`make_spec`, which checks them."""

    architecture: str
    data: str
    shape: tuple[int, ...]  # of one sample
    kind: str
    classes: tuple[str, ...]
    settings: RunSettings
    knobs: dict = field(hash=False)
    size: int | None = None  # image side that was asked for; None is the data's own
    backend: str = backends.BACKENDS[0]
    name: str = ""
    columns: tuple[Column, ...] = ()  # of a table
    beside: tuple[tuple[str, tuple[int, ...]], ...] = ()  # names and shapes of what comes with a sample
    traits: tuple[tuple[str, object], ...] = ()  # what else has to be known of samples to read them
    gives: str = ""  # the kind of samples, where it is another than that of the data
    version: int = SPEC_VERSION

    @property
    def data_spec(self):
        return DataSpec(self.kind, self.shape, self.classes, self.columns, self.beside, self.traits)

    def as_dict(self):
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values):
        """The inverse of :meth:`as_dict`, also of what an older version kept, and after a trip through JSON.

        Raises:
            BadInput: when it is none: of a newer version, damaged, or with settings that there are not.
        """
        values = _upgraded(_checked(values))
        refuse_unknown("setting", values["settings"], [knob.name for knob in RunSettings.knobs()])
        refuse_unknown("part of a run", values, [part.name for part in dataclasses.fields(cls)])
        try:
            return cls(**values | {
                "settings": RunSettings(**values["settings"]), "shape": tuple(values["shape"]),
                "classes": tuple(values["classes"]),
                "columns": tuple(Column.from_dict(column) for column in values.get("columns", ())),
                "beside": tuple((name, tuple(shape)) for name, shape in values.get("beside", ())),
                "traits": tuple((str(name), _in_tuples(value)) for name, value in values.get("traits", ()))})
        except (TypeError, ValueError, KeyError, AttributeError):
            raise _damaged(["columns", "beside", "traits"]) from None

    def with_steps(self, steps):
        return dataclasses.replace(self, settings=dataclasses.replace(self.settings, steps=steps))


def _in_tuples(value):
    """A plain value with tuples for the lists that JSON makes of them."""
    return tuple(map(_in_tuples, value)) if isinstance(value, (list, tuple)) else value


def _checked(values):
    """What a spec was kept as, if it has the parts that every version has, each of its type."""
    parts = {"architecture": str, "data": str, "kind": str, "shape": (list, tuple), "classes": (list, tuple),
             "settings": dict, "knobs": dict}
    whole = values if isinstance(values, dict) else {}
    wrong = [name for name, type in parts.items() if not isinstance(whole.get(name), type)]
    if wrong:
        raise _damaged(wrong)
    checks = {"shape": lambda sides: all(type(side) is int and side > 0 for side in sides),
              "classes": lambda names: all(isinstance(name, str) for name in names),
              "settings": lambda settings: all(knob.fits(settings[knob.name]) for knob in RunSettings.knobs()
                                               if knob.name in settings),
              "size": lambda size: size is None or type(size) is int, "name": lambda name: isinstance(name, str),
              "backend": lambda backend: isinstance(backend, str), "gives": lambda kind: isinstance(kind, str)}
    if wrong := [name for name, is_right in checks.items() if name in whole and not is_right(whole[name])]:
        raise _damaged(wrong)
    version = whole.get("version", 1)
    if type(version) is not int or version not in range(1, SPEC_VERSION + 1):
        raise BadInput(f"The settings of this run are of version {version}, and this workbench knows {SPEC_VERSION}; "
                       "update it.")
    return whole


def _damaged(parts):
    return BadInput(f"What is kept of this run's settings is damaged ({', '.join(parts)}); start a new run instead.")


def _keep_nothing_from_training(values):
    """Runs from before there was the setting were trained on all images, and go on so."""
    return values | {"settings": {"held_out": 0.0} | values["settings"]}


def _without_traits(values):
    """Samples of before had none."""
    return values


def _giving_what_was_learned(values):
    """Models of before gave samples of the kind of their data."""
    return values


def _columns_that_lack_nothing(values):
    """Columns of before were no dates, and nothing was missing in them."""
    return values


# By the version that each begins with: dict -> dict of the next.
UPGRADES = {1: _keep_nothing_from_training, 2: _without_traits, 3: _giving_what_was_learned,
            4: _columns_that_lack_nothing}


def _upgraded(values):
    for version in range(values.get("version", 1), SPEC_VERSION):
        values = UPGRADES[version](values) | {"version": version + 1}
    return values


def read(values, cards):
    """The :class:`RunSpec` that is kept with a run, if it can be worked with here.

    Args:
        values: what is kept.
        cards: the cards by name, against which its knobs are checked, too; or the names alone.

    Raises:
        BadInput: when it cannot be read, or when its architecture or one of its knobs does not exist any more.
    """
    spec = RunSpec.from_dict(values)
    if spec.architecture not in cards:
        sentence = (f"{no_such('architecture', spec.architecture, cards)} If the run was trained with a file of your own, "
                    "set GAN_ZOO to the folder that has it.")
        raise BadInput(sentence, {"architecture": sentence})
    if isinstance(cards, dict):
        known = {knob.name: knob for knob in cards[spec.architecture].knobs}
        refuse_unknown("knob", spec.knobs, known)
        if wrong := [name for name, value in spec.knobs.items() if not known[name].fits(value)]:
            raise _damaged(wrong)
    return spec


def make_spec(card, data, data_spec, values=None, *, size=None, name="", backend=None):
    """A checked :class:`RunSpec`.

    Args:
        card: the :class:`gan_core.models.card.Card`.
        data: name of the dataset.
        data_spec: its :class:`gan_core.data.DataSpec` at the chosen size.
        values: knobs and run settings by name; what is missing takes the architecture's default for such data.

    Raises:
        BadInput: with a sentence for each wrong value in ``fields``.
    """
    values = dict(values or {})
    settings_knobs = RunSettings.knobs()
    errors = {}
    if problem := card.refuses(data_spec):
        errors["data"] = problem
    backend = backend or backends.chosen()
    if problem := backends.refusal(backend):
        errors["backend"] = problem
    try:
        checked = check([*settings_knobs, *card.knobs], values)
    except BadInput as error:
        errors |= error.fields
    if errors:
        raise BadInput(" ".join(errors.values()), errors)
    names = {k.name for k in settings_knobs}
    knobs = card.defaults(data_spec.kind) | {k: v for k, v in checked.items() if k not in names}
    settings = RunSettings(**card.settings(data_spec.kind) | {k: v for k, v in checked.items() if k in names})
    return RunSpec(architecture=card.name, data=data, shape=tuple(data_spec.shape), kind=data_spec.kind,
                   classes=tuple(data_spec.classes), settings=settings, knobs=knobs,
                   size=None if data_spec.flat else size, backend=backend,
                   name=" ".join(name.split())[:80] or f"{card.title} on {data}",
                   columns=data_spec.columns, beside=data_spec.beside, traits=data_spec.traits, gives=card.gives)
