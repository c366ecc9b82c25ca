"""Neighbours: the training images that are nearest to a sample."""

from gan_core.data import to_float
from gan_core.modalities import drawing
from gan_core.modalities.base import NEAREST, abilities_of
from gan_core.tasks import base, subjects


class Neighbours(base.Task):
    """Values: "places", "labels" (None without), "distances" and "spacing", see
    :func:`gan_core.tasks.inspection.nearest`.  Files: "sheet.png"."""

    title, Config, interactive, page = "Nearest training images", subjects.Subject, True, "inspect"

    def refuses(self, run, card=None):
        drawn = NEAREST in abilities_of(run.kind)
        return "" if drawn else "Only images that are drawn have nearest training images that can be shown."

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import inspection

        dataset = context.dataset()
        samples, _ = config.of(context)
        places, distances, spacing = inspection.nearest(samples[0], dataset,
                                                        config.place % len(dataset) if config.real else None)
        sheet = drawing.sheet(to_float(dataset.x[places]), (-(-len(places) // 3), min(3, len(places))))
        return base.Result(values={"places": [int(place) for place in places], "spacing": spacing,
                                   "labels": None if dataset.y is None else [int(label) for label in dataset.y[places]],
                                   "distances": [float(distance) for distance in distances]},
                           files={"sheet.png": drawing.png(sheet)})
