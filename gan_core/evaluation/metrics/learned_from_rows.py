"""What generated rows of a table teach: a column is told from the others, on real rows (TSTR; Xu 2019, section 5.2)."""

import numpy as np

from gan_core.data import columns as described
from gan_core.evaluation.metrics.base import HIGHER, LABELS, Family, Score, Tables

MOST = 20_000  # rows that are learned from, and tested on
FEWEST = 20


def _learners(seed, categories):
    """A line and boosted trees: what one of them cannot learn, the other may."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    line, trees = ((LogisticRegression(max_iter=300), HistGradientBoostingClassifier(random_state=seed)) if categories else
                   (Ridge(), HistGradientBoostingRegressor(random_state=seed)))
    return make_pipeline(StandardScaler(), line), trees


def taught(tables, rows, labels=None):
    """What learners reach that saw rows (N, d), and their ``labels`` where these are the target: the mean macro F1 of
    telling a category of fresh rows from their other columns, or R2 of a number, 0 where it is less."""
    from sklearn.metrics import f1_score, r2_score

    target, order = tables.target, np.random.RandomState(tables.seed).permutation(len(rows))[:MOST]
    category = target == LABELS or tables.categories[target]
    if target == LABELS:
        values, answers = labels[order], tables.labels[2][:MOST]
    else:
        values, answers = (described.decoded(tables.columns, each)[target] for each in (rows[order], tables.fresh[:MOST]))
    x, test = (tables.without(each, target) for each in (rows[order], tables.fresh[:MOST]))
    if not category:  # a number that is missing teaches nothing, and answers nothing
        known, asked = ~np.isnan(values), ~np.isnan(answers)
        x, values, test, answers = x[known], values[known], test[asked], answers[asked]
    if len(np.unique(values.astype(str))) < 2 or not len(answers):
        return 0.0  # nothing can be learned
    values, answers = (each.astype(str if category else float) for each in (values, answers))
    said = [learner.fit(x, values).predict(test) for learner in _learners(tables.seed, category)]
    return float(np.mean([f1_score(answers, each, average="macro", zero_division=0) if category else
                          max(r2_score(answers, each), 0.0) for each in said]))


def measure(tables):
    return {"tstr": taught(tables, tables.generated, tables.labels and tables.labels[1])}


def floor(tables):
    """The same after learning from real rows, as many as there are generated ones."""
    some = np.random.RandomState(tables.seed).permutation(len(tables.learned))[:len(tables.generated)]  # they may be sorted
    reached = taught(tables, tables.learned[some], tables.labels and tables.labels[0][some])
    return {"trtr": reached, "tstr_floor": reached}


FAMILY = Family(
    "what rows teach", of=Tables, turn=50, quick=False, measure=measure, floor=floor,
    applies=lambda tables: tables.target is not None and (len(tables.columns) > 1 or tables.target == LABELS)
    and min(len(tables.generated), len(tables.fresh)) >= FEWEST, scores=(
        Score("tstr", "Taught by generated", HIGHER, "How well a column of fresh real rows is told from the others after "
              "learning from generated rows: macro F1 of names, R² of numbers. Of real samples: after learning from as many "
              "real rows.", place=161),))
