"""What generated samples teach a classifier; a training gives these, :mod:`gan_core.evaluation.tstr`."""

from gan_core.evaluation.metrics.base import HIGHER, Family, Score

FAMILY = Family("training on generated samples", (
    Score("tstr_accuracy", "Trained on generated", HIGHER, "Accuracy on real samples after training on generated ones; "
          "the floor was trained on as many real ones.", place=180),
    Score("augmented_accuracy", "Trained on both", HIGHER, "Accuracy on real samples after training on real and "
          "generated ones.", place=190)))
