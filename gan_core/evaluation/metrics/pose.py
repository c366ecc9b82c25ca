"""Do samples turn as they are asked to?  Angles that were asked for beside those that are read from the samples, see
:mod:`gan_core.evaluation.pose_reading`."""

from typing import NamedTuple

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Family, Score

OFFSETS = 360  # that are tried


class PoseError(NamedTuple):
    """Degrees: ``each`` with an offset of each object's own, ``shared`` with one for all; ``mirrored`` says whether they
    turn the other way round."""

    each: float
    shared: float
    mirrored: bool


def wrapped(degrees):
    """The same angles from -180 to 180."""
    return (np.asarray(degrees) + 180.0) % 360.0 - 180.0


def pose_error(asked, read):
    """The mean angle between what was asked for, up to an offset, and what is read.

    Nothing in pictures tells which side of a thing is called its front, so an offset is no error; nor does turning the
    other way round in a mirrored space look wrong.  The direction is the same for all objects.  What does not turn at all
    has 90, whatever the offset.

    Args:
        asked: degrees (T,) of the views of each object.
        read: degrees (N, T).
    """
    offsets = np.arange(OFFSETS) * (360.0 / OFFSETS)
    found = []
    for mirrored in (False, True):
        apart = np.asarray(read, float) - (-1.0 if mirrored else 1.0) * np.asarray(asked, float)
        errors = np.abs(wrapped(apart[None] - offsets[:, None, None])).mean(axis=2)  # (offsets, N)
        found.append(PoseError(float(errors.min(axis=0).mean()), float(errors.mean(axis=1).min()), mirrored))
    return min(found)


FAMILY = Family("poses read", scores=(
    Score("pose_error", "Angle error", LOWER, "Degrees between the turn that was asked for and the one that a network reads "
          "which was trained on rendered objects, after the best offset of each object; what does not turn has 90. Beside "
          "it that of rendered objects.", place=148, kinds=("images",)),
    Score("pose_error_shared", "Angle error, one front", LOWER, "The same after one offset for all objects: low where all "
          "of them have their fronts on the same side.", place=149, kinds=("images",))))
