"""What generated samples are good for: a classifier is trained on them and tested on real ones (needs Keras).

Train on synthetic, test on real: Esteban, Hyland and Rätsch 2017 ("TSTR"); for images Shmelkov et al. 2018
("GAN-train") and Ravuri and Vinyals 2019 ("classification accuracy score").
"""

import dataclasses

import numpy as np

from gan_core.data.arrays import as_images
from gan_core.errors import BadInput
from gan_core.evaluation.extractors import classifier
from gan_core.modalities.base import TSTR, abilities_of

RECIPE = classifier.Recipe()


def train_on_synthetic(dataset, samples, labels, *, real_per_class=None, recipe=RECIPE, progress=None, should_stop=None):
    """Accuracies on held-out real images of one recipe, trained on generated, on real, and on both together.

    Every training makes the same number of steps, so none wins by taking longer.

    Args:
        samples: (N, H, W, C).
        labels: (N,).
        real_per_class: how many real images of each class there are to learn from, or all if there are fewer: what
            generated ones are worth where real ones are rare.  None takes as many real images as generated ones.

    Returns:
        A dict: ``tstr_accuracy`` after training on the N generated images; ``tstr_accuracy_floor`` after training on the
        real ones; ``augmented_accuracy`` on both sets together; ``n_tstr_generated``, ``n_tstr_real``, ``n_tstr_test``.

    Raises:
        BadInput: when the samples or the data are not labelled images, or ``real_per_class`` is less than 1.
        Stopped: when ``should_stop`` answered True.
    """
    if labels is None or dataset.y is None or TSTR not in abilities_of(dataset.kind):
        raise BadInput("Classifiers learn from labelled images: both the samples and the data must be such.")
    if real_per_class is not None and real_per_class < 1:
        raise BadInput(f"At least one real sample of each class is needed, not {real_per_class}.")
    x, y, x_test, y_test = classifier.split(dataset)
    order = np.random.RandomState(recipe.seed).permutation(len(x))
    rows = order[:len(samples)] if real_per_class is None else order[_place_in_class(y[order]) < real_per_class]
    generated, real = (as_images(samples, "generated samples"), labels), (x[rows], y[rows])
    sets = {"tstr_accuracy": [generated], "tstr_accuracy_floor": [real], "augmented_accuracy": [generated, real]}
    steps = min(recipe.steps, -(-recipe.epochs * (len(samples) + len(rows)) // recipe.batch))
    recipe = dataclasses.replace(recipe, steps=steps, epochs=steps * recipe.batch)  # for small sets, too
    scores = {"n_tstr_generated": len(samples), "n_tstr_real": len(rows), "n_tstr_test": len(x_test)}
    for index, (key, parts) in enumerate(sets.items()):
        images, answers = (np.concatenate(arrays) for arrays in zip(*parts))

        def told(share):
            if progress is not None:
                progress((index + share) / len(sets), f"training classifier {index + 1} of {len(sets)}")

        network = classifier.train(images, answers, max(dataset.n_classes, 2), recipe, progress=told,
                                   should_stop=should_stop)
        scores[key] = classifier.accuracy(network, x_test, y_test)
    return scores


def _place_in_class(labels):
    """How many of the same label stand before each one: (N,)."""
    place = np.empty(len(labels), int)
    for label in np.unique(labels):
        same = labels == label
        place[same] = np.arange(same.sum())
    return place
