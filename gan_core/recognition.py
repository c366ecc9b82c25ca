"""What generated samples are good for: a classifier is trained on them and tested on real ones (needs Keras).

Train on synthetic, test on real: Esteban, Hyland and Rätsch 2017 ("TSTR"); for images Shmelkov et al. 2018
("GAN-train") and Ravuri and Vinyals 2019 ("classification accuracy score").
"""

import numpy as np

from gan_core.data import IMAGES
from gan_core.data.arrays import as_images
from gan_core.errors import BadInput
from gan_core.extractors import classifier

RECIPE = classifier.Recipe()


def train_on_synthetic(dataset, samples, labels, *, recipe=RECIPE, progress=None, should_stop=None):
    """Accuracies on held-out real images of one recipe, trained on generated, on real, and on both together.

    samples: (N, H, W, C), labels: (N,).  Returns a dict: ``tstr_accuracy`` after training on the N generated images;
    ``tstr_accuracy_floor`` after training on as many real ones, or all if there are fewer; ``augmented_accuracy``
    on both sets together; ``n_tstr_generated``, ``n_tstr_real``, ``n_tstr_test``.  Every training makes the same number
    of steps, so none wins by taking longer.

    Raises BadInput when the samples or the data are not labelled images.
    """
    if labels is None or dataset.y is None or dataset.kind != IMAGES:
        raise BadInput("Classifiers learn from labelled images: both the samples and the data must be such.")
    x, y, x_test, y_test = classifier.split(dataset)
    rows = np.random.RandomState(recipe.seed).permutation(len(x))[:len(samples)]
    generated, real = (as_images(samples, "generated samples"), labels), (x[rows], y[rows])
    sets = {"tstr_accuracy": [generated], "tstr_accuracy_floor": [real], "augmented_accuracy": [generated, real]}
    found = {"n_tstr_generated": len(samples), "n_tstr_real": len(rows), "n_tstr_test": len(x_test)}
    for index, (key, parts) in enumerate(sets.items()):
        images, answers = (np.concatenate(each) for each in zip(*parts))

        def told(share):
            if progress is not None:
                progress((index + share) / len(sets), f"training classifier {index + 1} of {len(sets)}")

        network = classifier.train(images, answers, max(dataset.n_classes, 2), recipe, progress=told,
                                   should_stop=should_stop)
        found[key] = classifier.accuracy(network, x_test, y_test)
    return found
