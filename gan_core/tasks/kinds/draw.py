"""Draw: samples of a run as a sheet, and as a file that is a dataset."""

import io
from dataclasses import dataclass

from gan_core.config.knobs import knob
from gan_core.modalities import drawing
from gan_core.tasks import base
from gan_core.tasks.wanted import SEEDS, Samples

WIDEST, WALKED = 20, 10  # samples in a row of a sheet, at most and of a walk
REAL = 2000  # real points behind drawn ones


@dataclass(frozen=True, kw_only=True)
class Config(Samples):
    to: int = knob(-1, low=-1, high=SEEDS, group="Samples", label="To seed",
                   help="Walk from the first sample of the seed to the first of this one. -1: no walk.")


class Draw(base.Task):
    title, Config, interactive, page = "Draw samples", Config, True, "draw"
    seconds = 300

    def run(self, context, config, progress, should_stop):
        from gan_core import data
        from gan_core.models import inputs
        from gan_core.tasks import sampling

        model, how, to = context.model(), config.how(), None if config.to < 0 else config.to
        samples, labels = sampling.draw_from(model, config.n, **how, to=to, should_stop=should_stop,
                                             progress=lambda share: progress(share, "drawing samples"))
        # A class, or a code, that comes in turn has a column of its own.
        columns = inputs.in_turn(how["label"], model.inputs(), how["chosen"]) or (None if to is None else WALKED)
        real = data.some(context.dataset(), REAL) if model.data.kind == data.POINTS else None
        sheet = drawing.drawn(samples, columns if columns and columns <= WIDEST else None, real)
        file = io.BytesIO()
        sampling.write(file, samples, labels, model.data.classes)
        return base.Result(f"drew {config.n} samples", {"step": context.step},
                           {"sheet.png": drawing.png(sheet), "samples.npz": file.getvalue()})
