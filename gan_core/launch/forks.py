"""A fork: a new run that begins with what another had learned at one of its checkpoints, and goes on with other settings.

It is an ordinary run: what it begins with is its first checkpoint, a copy of its parent's, so that the parent may go on or
be deleted.  What of that fits its own settings, :mod:`gan_core.launch.warm_start` knows, which needs Keras.
"""

import dataclasses
import re
from dataclasses import dataclass, field

import numpy as np

from gan_core.config.knobs import check
from gan_core.config.spec import RunSettings, RunSpec, read
from gan_core.errors import BadInput
from gan_core.launch import launchers, queue, same_data
from gan_core.launch.launchers.local import ownership
from gan_core.models import cards
from gan_core.store import lineage, weights
from gan_core.store.artifacts import NoArtifact, checkpoint_name
from gan_core.store.curves import Series
from gan_core.store.run import Run, new_run

# Settings that a fork keeps, and why.
KEPT = {"held_out": "what was kept from training must stay so, for what has been seen cannot be forgotten"}
# Facts of the parent: what it learned from, by what its samples were measured, and from which noise its sheets are.
FACTS = (same_data.KEY, "probe", "noise")


@dataclass(frozen=True)
class Plan:
    """A fork that can be begun: of the ``run`` at the checkpoint of this ``step``, under the ``spec``; ``changed`` is
    ``{name: [before, now]}``."""

    run: Run
    step: int
    spec: RunSpec
    changed: dict = field(default_factory=dict)

    @property
    def parent(self):
        """``(id, step, changed)`` of the run that has written the checkpoint.

        A fork of a fork at its very first step is one of its parent: what stands there was written under the parent's
        settings.
        """
        origin = lineage.parent_of(self.run)
        if origin is None or self.step > origin.step:
            return self.run.id, self.step, self.changed
        old = _values(before(RunSpec.from_dict(self.run.spec), origin.changed))
        return origin.id, origin.step, _differences(old, _values(self.spec))


def plan(store, run, step, values, *, name=""):
    """A :class:`Plan`.

    Args:
        run: the :class:`gan_core.store.run.Run` to fork, whatever it does at the moment.
        step: of one of its checkpoints.
        values: knobs and settings by name that are to be others, texts too.
        name: of the fork.

    Raises:
        BadInput: for a checkpoint that there is not, or is damaged; a run that cannot be worked with; values that cannot be,
            with a sentence for each in ``fields``; or where no steps are left.
    """
    spec = read(run.spec, cards.names())
    card = cards.card(spec.architecture, store.workspace / "cache")
    spec = read(run.spec, {spec.architecture: card})
    kept, wrong = weights.whole(store, run.id)
    if step not in kept:
        steps = ", ".join(map(str, kept)) or "none"
        raise BadInput(wrong.get(step) or f"The run {run.id} keeps no checkpoint of step {step}; it has {steps}.",
                       {"step": f"Choose from {steps}."})
    spec = _with(spec, {knob.name: knob.default for knob in card.knobs if knob.name not in spec.knobs})  # newer than the run
    old, now = _values(spec), check([*RunSettings.knobs(), *card.knobs], values)
    changed = _differences(old, old | now)
    if stays := [name for name in changed if name in KEPT]:
        sentences = {name: f"{name} cannot be changed in a fork: {KEPT[name]}." for name in stays}
        raise BadInput(" ".join(sentences.values()), sentences)
    spec = _with(spec, now)
    if spec.settings.steps <= step:
        raise BadInput(f"A fork from step {step:,} would stop at {spec.settings.steps:,}; give it more steps in all.",
                       {"steps": f"More than {step:,}."})
    spec = dataclasses.replace(spec, name=" ".join(name.split())[:80] or _name(run, step))
    return Plan(run, step, spec, changed)


def begin(store, fork, *, foreground=False, other_data=False):
    """Queue the fork of a :class:`Plan`, with its first checkpoint.  Returns the Run.

    Args:
        foreground: this process is going to work on it.
        other_data: go on even if its data are not those that its parent has learned from.

    Raises:
        BadInput: when the checkpoint has gone meanwhile, or the data are gone; in the foreground also when they are others
            than before, which a process of its own finds out later, and else when ``$GAN_LAUNCHER`` names no launcher.
    """
    if foreground and not other_data:
        same_data.load(store, fork.run)
    else:
        same_data.must_be_there(store, fork.run)
    if not foreground:
        launchers.chosen()
    try:
        checkpoint = store.artifacts(fork.run.id).read(checkpoint_name(fork.step))
    except NoArtifact:
        raise BadInput(f"The checkpoint of step {fork.step:,} was let go meanwhile, as newer ones came; choose "
                       "another.") from None
    facts = {name: fork.run.facts[name] for name in FACTS if fork.run.facts.get(name)}
    parent_id, step, changed = fork.parent
    parent = lineage.Parent(parent_id, step, changed, _seconds_until(store, fork.run, fork.step),
                            int(lineage.samples_seen(fork.run, fork.step)))
    run = store.create(new_run(fork.spec.as_dict(), fork.spec.name, step=step, parent=parent.as_dict(),
                               facts=same_data.forget(facts) if other_data else facts,
                               **({"handle": ownership(), "foreground": True} if foreground else {})),
                       files={checkpoint_name(step): checkpoint})
    if not foreground:
        queue.start_dispatcher(store)
    return run


def spec_at(run, spec, step):
    """The :class:`RunSpec` under which the checkpoint of a step of a run was written: the ``spec`` of the run, or that of
    the parent of which it is a copy."""
    origin = lineage.parent_of(run)
    return before(spec, origin.changed) if origin and step == origin.step else spec


def before(spec, changed):
    """The :class:`RunSpec` of before these changes."""
    return _with(spec, {name: old for name, (old, _) in changed.items()})


def _with(spec, values):
    settings = {knob.name for knob in RunSettings.knobs()}
    return dataclasses.replace(
        spec, knobs=spec.knobs | {name: value for name, value in values.items() if name not in settings},
        settings=dataclasses.replace(spec.settings, **{name: values[name] for name in settings & values.keys()}))


def _values(spec):
    return spec.settings.as_dict() | spec.knobs


def _differences(old, now):
    """``{name: [before, now]}``."""
    return {name: [old[name], now[name]] for name in now if name in old and now[name] != old[name]}


def _name(run, step):
    return f"{re.sub(r', fork at [0-9,]+$', '', run.name)[:60]}, fork at {step:,}"


def _seconds_until(store, run, step):
    """Seconds of training that led to a step of a run, those before it began included."""
    known, _, minutes = Series(store, run.id).refresh().curve(run.main_curve)
    own = float(np.interp(step, known, minutes)) if len(known) else 0.0
    return round(60 * (own + lineage.minutes_before(run)), 3)
