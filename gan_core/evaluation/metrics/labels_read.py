"""What a network reads of the label maps that pictures were made of: see :mod:`gan_core.evaluation.label_reading`."""

from gan_core.evaluation.metrics.base import HIGHER, Family, Score

_BY = "by a network that was trained on real pairs; beside it what it reads of real photographs"

FAMILY = Family("labels read back", scores=(
    Score("pixel_accuracy", "Labels read: pixels", HIGHER, f"The share of pixels whose label is read back, {_BY}.",
          place=144),
    Score("class_accuracy", "Labels read: labels", HIGHER, f"The same for each label, and their mean, {_BY}.", place=145),
    Score("iou", "Labels read: IoU", HIGHER, "Of each label the pixels that were asked for and read, as a share of those "
          f"that were one of both, and the mean of these, {_BY}.", place=146)))
