"""Whether generated rows of a table can be told from real ones."""

import numpy as np

from gan_core.evaluation.metrics.base import NEARER, Family, Score, Tables

MOST = 5000  # rows of each kind
FOLDS, FEWEST = 3, 20


def measure(tables):
    """``detection_auc``: the area under the ROC curve of boosted trees that tell real from generated rows, out of fold."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # here, for it takes seconds to import
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    rng, count = np.random.RandomState(tables.seed), min(MOST, len(tables.learned), len(tables.generated))
    rows = [rng.permutation(len(side))[:count] for side in (tables.learned, tables.generated)]
    x = np.concatenate([matrix[these] for matrix, these in zip((tables.learned, tables.generated), rows)])
    y = np.repeat([1, 0], count)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=tables.seed)
    said = cross_val_predict(HistGradientBoostingClassifier(random_state=tables.seed), x, y, cv=folds,
                             method="predict_proba")
    return {"detection_auc": float(roc_auc_score(y, said[:, 1])), "n_detection": count}


FAMILY = Family("telling rows apart", of=Tables, turn=40, quick=False, measure=measure,
                applies=lambda tables: min(len(tables.learned), len(tables.generated)) >= FEWEST, scores=(
                    Score("detection_auc", "Told from real (AUC)", NEARER, "How well boosted trees tell generated rows from "
                          "real ones that they were not shown: 0.5 not at all, 1 always.", place=156,
                          share_of=("n_detection",)),))
