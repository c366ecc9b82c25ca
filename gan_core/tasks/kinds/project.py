"""Project: the point of a model's space that makes a picture of one's own."""

import base64
import binascii
import io
from dataclasses import dataclass

import numpy as np

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.modalities.base import PICTURE, abilities_of
from gan_core.tasks import base
from gan_core.tasks.wanted import SEEDS

STEPS, STARTS = 300, 4


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    picture: str = knob("", group="Project", help="The picture, a file of any usual format, in base64.")
    steps: int = knob(STEPS, low=1, high=5000, group="Project", help="Downhill; more come closer.")
    starts: int = knob(STARTS, low=1, high=32, group="Project", help="From so many places; the best one counts.")
    seed: int = knob(0, low=0, high=SEEDS, group="Project", help="Of the places.")
    label: int = knob(-1, low=-1, high=10**6, group="Project", label="Class", help="Number of the class. -1: any.")


class Project(base.Task):
    """Values: "psnr", the "point", numbers by name, and "beside", a PNG in base64.  Files: "beside.png", the picture and
    what the model makes of it, "sample.png", and "point.npz" with ``latent``, the other inputs by name, ``samples``
    (1, H, W, C) uint8 and ``psnr``."""

    title, Config, page = "Project a picture", Config, "explore"
    patient = False  # someone waits for it

    def refuses(self, run, card=None):
        return ("" if PICTURE in abilities_of(run.kind) else
                "A picture can be projected onto a model of images alone; choose a run on images.")

    def run(self, context, config, progress, should_stop):
        from gan_core import engine
        from gan_core.data import to_uint8
        from gan_core.exploring import pictures, projection
        from gan_core.modalities import drawing

        engine.configure()
        progress(0.02, "loading the model")
        model = context.model(exact=True)
        try:
            content = base64.b64decode(config.picture, validate=True)
        except (binascii.Error, ValueError):
            content = b""
        picture = pictures.like(model.data, content)
        if config.label >= max(len(model.data.classes), 1):
            raise BadInput(f"There is no class {config.label}; the data have {len(model.data.classes)}.")
        found = projection.projected(model, picture[None], steps=config.steps, starts=config.starts, seed=config.seed,
                                     label=None if config.label < 0 else config.label, data=context.data_of_inputs(),
                                     progress=lambda share: progress(0.05 + 0.95 * share, "going downhill"),
                                     should_stop=should_stop)
        psnr, file = float(found.psnr[0]), io.BytesIO()
        latent = found.point.get("latent", next(iter(found.point.values())))
        np.savez(file, **{"latent": latent} | found.point | {"samples": to_uint8(found.samples), "psnr": psnr})
        beside = drawing.png(drawing.sheet(np.concatenate([picture[None], found.samples]), (1, 2)))
        return base.Result(f"found a point {psnr:.1f} dB from the picture",
                           {"step": context.step, "psnr": psnr, "beside": base64.b64encode(beside).decode(), "point": {
                               name: np.asarray(values[0], float).ravel().tolist() for name, values in found.point.items()}},
                           {"beside.png": beside, "sample.png": drawing.png(drawing.one(found.samples[0])),
                            "point.npz": file.getvalue()})
