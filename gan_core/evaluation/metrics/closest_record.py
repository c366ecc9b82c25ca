"""How near generated rows of a table come to the rows that were learned: what is said of a copy says something of people."""

import numpy as np

from gan_core.data import columns as described
from gan_core.evaluation.metrics.base import NEARER, Family, Score, Tables
from gan_core.evaluation.metrics.copying import nearest_neighbours

MOST, AMONG = 2000, 20_000  # rows that are looked at, and rows among which the closest is looked for
FEWEST = 20  # rows that were kept from training, at least
SAME = 1e-4  # deviations: nearer than this, two rows are one


def measure(tables):
    """``closest_record``: the median distance to the closest training row, in deviations of numbers; a category that differs
    counts as one.

    Where rows were kept from the generator also ``nearer_record``, how often a generated row lies nearer to the rows that
    were learned than such a row does (equally near counts half), ``copied_rows``, the share of generated rows that are one
    of those, and ``n_generated_near``; ``n_unseen_near`` is how many were kept from it, 0 where too few were.
    """
    rng = np.random.RandomState(tables.seed)
    train, fake = (_coordinates(tables, rows) for rows in (tables.learned, tables.generated))
    train, fake = train[rng.permutation(len(train))[:AMONG]], fake[rng.permutation(len(fake))[:MOST]]
    away = np.ravel(nearest_neighbours(fake, train)[1])
    values = {"closest_record": float(np.median(away)), "n_unseen_near": 0}
    if tables.unseen >= FEWEST:
        unseen = np.ravel(nearest_neighbours(_coordinates(tables, tables.fresh[:tables.unseen][:MOST]), train)[1])
        values |= {"nearer_record": nearer(away, unseen), "copied_rows": float((away < SAME).mean()),
                   "n_generated_near": len(away), "n_unseen_near": len(unseen)}
    return values


def nearer(away, others):
    """How often one of distances (N,) is less than one of the others (M,), ties half: the area under a ROC curve."""
    others = np.sort(others)
    below, up_to = np.searchsorted(others, away - SAME, "left"), np.searchsorted(others, away + SAME, "right")
    return float(1.0 - (below + up_to).mean() / 2 / len(others))


def words(scores):
    """What the figures say of privacy; of scores of before there were any, nothing."""
    if scores.get("n_unseen_near") == 0:
        return (f"Of privacy nothing can be said: it is known of fewer than {FEWEST} real rows that they were kept from "
                "training, beside which generated ones could be seen to lie nearer.")
    if not {"nearer_record", "copied_rows", "n_generated_near", "n_unseen_near"} <= scores.keys():
        return ""
    share, copied = scores["nearer_record"], scores["copied_rows"]
    chance = 2 * sum(1 / (12 * scores[key]) for key in ("n_generated_near", "n_unseen_near")) ** 0.5
    figure = (f"of a generated and a held-out row the generated one lies nearer to a row that was learned in "
              f"{100 * share:.0f} % of all cases, where {50 - 100 * chance:.0f} to {50 + 100 * chance:.0f} % may be chance")
    usual = f"; of the held-out ones {100 * scores['copied_rows_floor']:.1f} %" if "copied_rows_floor" in scores else ""
    again = f"Of the generated rows {100 * copied:.1f} % are rows that were learned, to the last value{usual}."
    if share > 0.5 + chance:
        return (f"Privacy: generated rows lie nearer to the rows that were learned than held-out rows do: {figure}. They "
                f"give something away of them. {again}")
    how = ("farther from the rows that were learned than held-out rows do, as bad rows do, too" if share < 0.5 - chance else
           "as near to the rows that were learned as held-out rows do")
    return (f"Privacy: generated rows lie {how}: {figure}. That shows no copying, and is no proof: a single row may be "
            f"given away all the same. {again}")


def _coordinates(tables, rows):
    """Rows in which two different categories of a column are as far apart as numbers by one deviation."""
    scale = np.ones(rows.shape[1], np.float32)
    for column, first, end in described.pieces(tables.columns):
        scale[first:end] = np.sqrt(0.5) if column.kind == described.CATEGORY else 1.0
    return rows * scale


FAMILY = Family("closest records", of=Tables, turn=30, measure=measure, words=words, scores=(
    Score("closest_record", "Closest record", NEARER, "Median distance of a generated row to the closest row that was "
          "learned, in deviations; far below that of held-out rows it copies.", place=157),
    Score("nearer_record", "Nearer than held-out", NEARER, "How often a generated row lies nearer to the rows that were "
          "learned than a row does that was kept from training: 0.5 where the two are as near, more where rows were learned "
          "by heart.", place=158, kinds=("table",)),
    Score("copied_rows", "Learned rows again", NEARER, "Share of generated rows that are one of those that were learned, "
          "beside that of rows that were kept from training.", place=159, kinds=("table",))))
