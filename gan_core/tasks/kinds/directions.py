"""Directions: along which a model's samples change, found in one of several ways, as strips to look at."""

import io
from dataclasses import dataclass

import numpy as np

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import Stopped
from gan_core.tasks import base
from gan_core.tasks.wanted import SEEDS


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    method: str = knob("pca", group="Directions", help="pca: what changes most; sefa: in closed form; random: by chance.")
    n: int = knob(8, low=1, high=512, group="Directions", label="How many",
                  help="The strongest come first; at most as many as the space has numbers.")
    seed: int = knob(0, low=0, high=SEEDS, group="Directions", help="Of the sample that is moved.")
    effects: bool = knob(False, group="Directions", label="Say what each changes",
                         help="Takes longer: 64 samples are moved along each, and where there are classes a classifier "
                              "says how many keep theirs.")


class Directions(base.Task):
    """Values: "input", the "vectors" (n, size), their "strength", "deviation" and "reach" (n,), and "effects", a list.
    Files: "strips.png", "strip-0.png" and so on (of tables ".html"), and "directions.npz" with ``directions`` and
    ``strength``."""

    title, Config, interactive, page = "Find directions", Config, True, "explore"
    seconds = 600

    def run(self, context, config, progress, should_stop):
        from gan_core.evaluation import extractors
        from gan_core.exploring import directions, space as spaces, strips
        from gan_core.modalities.base import modality
        from gan_core.tasks import models

        progress(0.05, "loading the model")
        model, store, data = context.model(exact=True), context.store, context.data_of_inputs()
        space = spaces.of(model)
        progress(0.1, "looking for directions")
        found = directions.found(config.method, model, space, min(config.n, space.size), data=data)
        steps = strips.deviations(model, space, found.vectors, data)
        moved = found.vectors * steps[:, None]
        point, extractor = spaces.drawn(model, 1, config.seed, data=data), None
        rows = np.stack([strips.strip(model, space, point, vector) for vector in moved])
        effects, reach = [], [float(strips.PLACES[-1])] * len(moved)
        if config.effects:
            if model.data.classes:
                extractor = extractors.for_dataset(
                    models.dataset(store, context.run), workspace=store.workspace, should_stop=should_stop,
                    progress=lambda share: progress(0.1 + 0.6 * share, "training a classifier"))
                extractor = extractor if extractor.classes else None
            for number, vector in enumerate(moved):
                if should_stop():
                    raise Stopped
                progress(0.7 + 0.3 * number / len(moved), "looking at what each changes")
                effects.append(strips.effects(model, space, vector, extractor, data=data))
            reach = [strips.reach(told) for told in effects]
        kind, file = modality(model.data.kind), io.BytesIO()
        np.savez(file, directions=found.vectors, strength=found.strength, deviation=steps, input=space.name)
        sheet = kind.strips(rows, model.data)
        files = {f"strips{sheet.suffix}": sheet.data, "directions.npz": file.getvalue()}
        for number, row in enumerate(rows):
            strip = kind.strip(row, model.data)
            files[f"strip-{number}{strip.suffix}"] = strip.data
        return base.Result(
            f"found {len(rows)} directions of {space.size}",
            {"step": context.step, "input": space.name, "vectors": found.vectors.tolist(),
             "strength": found.strength.tolist(), "deviation": steps.tolist(), "reach": reach, "effects": effects}, files)
