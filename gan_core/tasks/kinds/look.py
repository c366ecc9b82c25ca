"""Look: load a dataset, or import a folder or zip of images, and show some of it."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.modalities import drawing
from gan_core.tasks import base

SHOWN, POINTS_SHOWN = 32, 2000


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    data: str = knob("", tiny="ring", group="Data", help="A dataset, a folder of images or a zip of them.")
    size: int = knob(0, low=0, high=1024, group="Data", label="Image size", help="Side in pixels. 0: the data's own.")


class Look(base.Task):
    """Values: "name" in the catalogue, "spec" (:class:`gan_core.data.DataSpec`), "count", "note".  Files: "sheet.png"."""

    title, Config, interactive, about_run, page = "Look at data", Config, True, False, "train"
    seconds = 300  # many images may have to be decoded

    def run(self, context, config, progress, should_stop):
        import numpy as np

        from gan_core import data

        dataset = data.load(config.data, size=config.size or None, workspace=context.store.workspace)
        if dataset.kind == data.POINTS:
            picture = drawing.scatter(dataset.x[:POINTS_SHOWN])
        else:
            chosen = np.random.default_rng(0).choice(len(dataset), min(SHOWN, len(dataset)), replace=False)
            picture = drawing.sheet(data.to_float(dataset.x[chosen]), (-(-len(chosen) // 8), min(8, len(chosen))))
        return base.Result(f"{len(dataset):,} samples",
                           {"name": dataset.name, "spec": dataset.spec, "count": len(dataset), "note": dataset.note},
                           {"sheet.png": drawing.png(picture)})
