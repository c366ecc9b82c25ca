"""Draw: samples of a run to look at, and as files of every format that their kind has."""

import io
from dataclasses import dataclass

from gan_core.config.knobs import knob
from gan_core.tasks import base
from gan_core.tasks.wanted import SEEDS, Samples

WIDEST, WALKED = 20, 10  # samples in a row of a sheet, at most and of a walk
REAL = 2000  # real points behind drawn ones
PNG = "image/png"
ROWS = 100  # samples that are told in words


@dataclass(frozen=True, kw_only=True)
class Config(Samples):
    to: int = knob(-1, low=-1, high=SEEDS, group="Samples", label="To seed",
                   help="Walk from the first sample of the seed to the first of this one. -1: no walk.")


class Draw(base.Task):
    """Values: "step" of the checkpoint, "rows" (the first samples in words, ``{column: texts}``, where they can be told so),
    "pictured" (which sample has a picture of its own, counted from 0, where the sheet is none), "heard" (what is heard, in
    words).  Files: the sheet, the samples in each format of their kind, that picture, and what can be heard."""

    title, Config, interactive, page = "Draw samples", Config, True, "draw"
    seconds = 300

    def run(self, context, config, progress, should_stop):
        from gan_core.modalities import drawing
        from gan_core.modalities.base import modality
        from gan_core.models import inputs
        from gan_core.tasks import sampling

        model, how, to = context.model(), config.how(), None if config.to < 0 else config.to
        data = context.data_of_inputs()
        samples, labels = sampling.draw_from(model, config.n, **how, to=to, should_stop=should_stop,
                                             progress=lambda share: progress(share, "drawing samples"),
                                             data=data)
        # A class, or a code, that comes in turn has a column of its own.
        columns = inputs.in_turn(how["label"], model.inputs(), how["chosen"]) or (None if to is None else WALKED)
        kind, files = modality(model.made.kind), {}
        grid = drawing.grid_for(config.n, columns) if columns and columns <= WIDEST else None
        beside = kind.beside(context.dataset(), REAL, held_out=True) if kind.overlays else None
        if data is not None and to is None:  # what each was made of
            beside = inputs.beside(model.inputs(), config.n, how["seed"], data)
        sheet = kind.draw(samples, model.made, grid, beside)
        for suffix in kind.suffixes:
            file = io.BytesIO()
            kind.save(file, samples, model.made, labels, beside, suffix)
            files[f"samples{suffix}"] = file.getvalue()
        pictured = None
        if sheet.mime != PNG:  # a picture where the sheet is none: the notes of the first that is a tune
            portraits = ((place, kind.portrait(samples[place:place + 1], model.made)) for place in range(len(samples)))
            pictured, portrait = next((found for found in portraits if found[1].mime == PNG), (None, None))
            files |= {} if portrait is None else {"portrait.png": portrait.data}
        if (heard := kind.heard(samples, model.made)) is not None:
            files[f"heard{heard.suffix}"] = heard.data
        rows = kind.in_words(samples[:ROWS], model.data)
        return base.Result(f"drew {config.n} samples", {"step": context.step, "rows": rows, "pictured": pictured,
                                                        "heard": heard.alt if heard else ""},
                           {f"sheet{sheet.suffix}": sheet.data} | files)
