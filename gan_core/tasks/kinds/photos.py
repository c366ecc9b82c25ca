"""Photos: what a folder or a zip of pictures is, as far as a way to learn from it depends on that."""

import contextlib
from dataclasses import dataclass

import numpy as np

from gan_core.config.knobs import knob
from gan_core.data.pixels import Unreadable, dimensions
from gan_core.errors import BadInput, UserError
from gan_core.modalities.base import SIZED, modality
from gan_core.tasks import base
from gan_core.tasks.kinds import look

LOOKED_AT = 60  # files whose sizes are read


@dataclass(frozen=True, kw_only=True)
class Config(look.Config):
    size: int = knob(64, low=0, high=1024, tiny=8, group="Data", label="Image size",
                     help="Side in pixels. 0: nothing is said but how large they are.")


class Photos(look.Look):
    """Values beside those of a look: "counts" (of each class, empty without labels), "different" (how many are no copies of
    others), "mirror" (whether they are as good in a mirror).  Of size 0 "side" alone (the usual one of the pictures as they
    are, 0 where nobody knows), before anything is made of a size.
    """

    title, Config, interactive, about_run, page = "Look at photographs", Config, True, False, "photos"
    seconds = 600

    def run(self, context, config, progress, should_stop):
        from gan_core import data
        from gan_core.data import library, texts
        from gan_core.evaluation import mirror

        kind = modality(library.kind_at(config.data))
        if SIZED not in kind.abilities:
            raise BadInput(f"{texts.label(config.data)} holds {kind.learned} and no pictures; give it on the Train page, as "
                           "data of your own.")
        if not config.size:
            side = usual_side(config.data)
            return base.Result(f"pictures of {side:,} pixels", {"side": side})
        result = super().run(context, config, progress, should_stop)
        dataset = data.load(result.values["name"], size=config.size, workspace=context.store.workspace)
        counts = [] if dataset.y is None else np.bincount(dataset.y, minlength=len(dataset.classes)).tolist()
        values = {"counts": counts, "different": len(mirror.different(dataset.x)),
                  "mirror": dataset.x.ndim == 4 and mirror.allowed(dataset.x)}
        return base.Result(result.words, result.values | values, result.files)


def usual_side(path):
    """The median of the shorter sides of some pictures of a folder or a zip, or the side of those of an array; 0 where there
    are none to read."""
    from gan_core import data
    from gan_core.data.array_files import is_array_file
    from gan_core.data.sources import open_source

    if is_array_file(path):
        with contextlib.suppress(UserError):
            return data.load(path).x.shape[1]
        return 0
    sides = []
    with contextlib.suppress(UserError, OSError), open_source(path) as source:
        for entry in source.entries[:: max(1, len(source.entries) // LOOKED_AT)]:
            with contextlib.suppress(Unreadable):
                sides.append(min(dimensions(source.read(entry))))
    return int(np.median(sides)) if sides else 0
