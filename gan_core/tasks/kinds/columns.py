"""Columns: how those of a table go together, in generated rows and in real ones."""

from dataclasses import dataclass

import numpy as np

from gan_core.config.knobs import knob
from gan_core.data import columns as described, dates, texts
from gan_core.data.columns import CATEGORY, DATE
from gan_core.errors import BadInput
from gan_core.modalities.base import COLUMNS, abilities_of, learned
from gan_core.tasks import base
from gan_core.tasks.wanted import Samples

MOST = 30  # columns of a matrix
FEW = 4    # columns that are drawn against each other, where nobody says which
MOST_DRAWN, DRAWN = 6, 500  # columns against each other, and rows of each kind


@dataclass(frozen=True, kw_only=True)
class Config(Samples):
    n: int = knob(2000, low=10, high=20_000, log=True, tiny=16, group="Samples", label="Rows", help="How many are drawn.")
    columns: str = knob("", group="Samples", label="Against each other",
                        help=f"Columns, with commas between them, at most {MOST_DRAWN}. Nothing: the first {FEW}.")


class Columns(base.Task):
    """Values: "columns" (names, the first :data:`MOST`), "real" and "generated" (matrices of how much two columns say of
    each other, see :mod:`gan_core.evaluation.association`), and "rows": ``{"real": {column: values}, "generated": ...}`` of
    those that were chosen, dates in ISO 8601, None for what is missing."""

    title, Config, interactive, page = "How columns go together", Config, True, "draw"
    seconds = 300

    def refuses(self, run, card=None):
        return "" if COLUMNS in abilities_of(run.kind) else (f"Only tables have columns, and this run learned "
                                                             f"{learned(run.kind)}.")

    def check(self, store, run, config):
        _places(config.columns, [column.get("name") for column in run.spec.get("columns") or ()])

    def run(self, context, config, progress, should_stop):
        from gan_core.evaluation.association import associations
        from gan_core.tasks import sampling

        model, dataset = context.model(), context.dataset()
        places = _places(config.columns, [column.name for column in model.data.columns])
        samples, _ = sampling.draw_from(model, config.n, **config.how(), data=context.data_of_inputs(),
                                        should_stop=should_stop,
                                        progress=lambda share: progress(share, "drawing rows"))
        real = dataset.x if dataset.x_test is None or len(dataset.x_test) < config.n else dataset.x_test
        real = real[np.random.RandomState(config.seed).permutation(len(real))[:config.n]]
        columns = model.data.columns
        sides = {"real": described.decoded(columns, real), "generated": described.decoded(columns, samples)}
        values = {"columns": [column.name for column in columns[:MOST]],
                  "rows": {side: {columns[place].name: _plain(columns[place], found[place][:DRAWN]) for place in places}
                           for side, found in sides.items()}}
        values |= {side: np.round(associations(columns[:MOST], found[:MOST]), 3).tolist() for side, found in sides.items()}
        return base.Result(f"{len(places)} of {len(columns)} columns against each other", values)


def _places(text, names):
    """The places of the columns that are named in a text; of the first ones where it is empty."""
    chosen = list(dict.fromkeys(texts.names(text)))
    if strangers := [name for name in chosen if name not in names]:
        sentence = f"There is no column {strangers[0]!r}; the columns are {', '.join(map(str, names[:12]))}."
        raise BadInput(sentence, {"columns": sentence})
    if len(chosen) > MOST_DRAWN:
        sentence = f"At most {MOST_DRAWN} columns are drawn against each other, and {len(chosen)} were named."
        raise BadInput(sentence, {"columns": sentence})
    return [names.index(name) for name in chosen] or list(range(min(FEW, len(names))))


def _plain(column, values):
    """Values as a chart takes them."""
    if column.kind == CATEGORY:
        known = dict(zip(column.categories, column.names))
        return [known[value] for value in values]
    if column.kind == DATE:
        way = "%Y-%m-%d %H:%M:%S" if dates.has_time(column.way) else "%Y-%m-%d"
        return [None if np.isnan(value) else dates.text_of(value, way) for value in values]
    return [None if np.isnan(value) else float(value) for value in values]
