"""A direction of one's own: from samples that were marked."""

import json
from dataclasses import dataclass

import numpy as np

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.tasks import base

USUAL = 1.5  # steps that a slider goes where no classifier says how far
MOST, LONGEST = 24, 2_000_000  # marks of each kind, and letters of their list


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    having: str = knob("[]", group="Direction", help="Points that have the thing: a JSON list of numbers by input.")
    lacking: str = knob("[]", group="Direction", help="Points that lack it.")


class OwnDirection(base.Task):
    """Values: "input", "vector", "deviation", "reach" and "effects" ({} without a classifier).  Files: "strip.png"."""

    title, Config, interactive, page = "Direction of one's own", Config, True, "explore"

    def run(self, context, config, progress, should_stop):
        from gan_core.evaluation.extractors import classifier
        from gan_core.exploring import own, space as spaces, strips
        from gan_core.modalities.base import modality
        from gan_core.models import inputs
        from gan_core.tasks import models

        progress(0.1, "loading the model")
        model, data = context.model(exact=True), context.data_of_inputs()
        space, like = spaces.of(model), inputs.draw(model.inputs(), 1, 0, data)
        having, lacking = (_point(text, like, model.inputs()) for text in (config.having, config.lacking))
        progress(0.3, "looking at samples")
        extractor = classifier.if_kept(models.dataset(context.store, context.run), context.store.workspace
                                       ) if model.data.classes else None
        found = own.found(model, space, having, lacking, extractor, data=data)
        step = float(strips.deviations(model, space, found.vectors, data)[0])
        effects = strips.effects(model, space, found.vectors[0] * step, extractor, data=data) if extractor else {}
        base_point = {name: values[:1] for name, values in having.items()}
        strip = modality(model.data.kind).strip(strips.strip(model, space, base_point, found.vectors[0] * step), model.data)
        values = {"input": space.name, "vector": found.vectors[0].tolist(), "deviation": step, "effects": effects,
                  "reach": strips.reach(effects) if effects else USUAL}
        return base.Result("found a direction", values, {f"strip{strip.suffix}": strip.data})


def _point(text, like, known):
    """A point of the samples that a JSON list tells of; ``like`` is one of a sample, ``known`` are the model's inputs."""
    from gan_core.models.inputs import Label

    try:
        told = json.loads(text) if len(text) <= LONGEST else None
        if not isinstance(told, list) or len(told) > MOST or any(set(one) != set(like) for one in told):
            raise ValueError
        rows = {name: [np.asarray(one[name], values.dtype).reshape(values.shape[1:]) for one in told]
                for name, values in like.items()}
    except (ValueError, TypeError, KeyError, OverflowError):
        raise BadInput("These samples are not of this model; mark them again.") from None
    if not told:
        return {}
    classes = {one.name: len(one.classes) for one in known if isinstance(one, Label)}
    if not all(np.isfinite(row).all() for values in rows.values() for row in values) or any(
            not 0 <= int(row) < count for name, count in classes.items() for row in rows[name]):
        raise BadInput("These samples are not of this model; mark them again.")
    return {name: np.stack(values) for name, values in rows.items()}
