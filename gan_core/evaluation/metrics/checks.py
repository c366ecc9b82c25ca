"""What every score asks of its features before it computes anything.

A score of unusable features is a number too, and a misleading one: refuse first, in a sentence that says what to do.
"""

import numpy as np

from gan_core.errors import BadInput

LARGEST = 1e20  # of a feature: the deviation of the kernel distance takes the twelfth power
MOST = 2**27  # numbers in a set: 1 GiB as they are computed with; 50,000 samples of 2,048 dimensions are fewer


def feature_matrix(values, name):
    """``values`` as a float64 array (N, d), N and d at least 1, all finite.

    ``name`` completes "The ... are not numbers", e.g. "real features".  Raises BadInput.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "buif":
            raise TypeError("NumPy would drop a part of complex numbers, and read texts and dates as numbers")
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"The {name} are not numbers: a table of shape (samples, dimensions) is needed.") from None
    if array.size > MOST:
        raise BadInput(f"The {name} are {array.size:,} numbers, and {MOST:,} are the most; give fewer samples.")
    with np.errstate(over="ignore"):
        matrix = array.astype(np.float64, copy=False)
    if matrix.ndim != 2:
        raise BadInput(f"The {name} have shape {matrix.shape}: a table of shape (samples, dimensions) is needed.")
    if 0 in matrix.shape:
        raise BadInput(f"The {name} are empty (shape {matrix.shape}): at least one sample is needed.")
    broken = matrix.shape[0] - np.count_nonzero(np.isfinite(matrix).all(axis=1))
    if broken:
        raise BadInput(f"The {name} hold NaN or infinite values in {broken} of {matrix.shape[0]} samples: "
                       "the network that made them has probably diverged.")
    return matrix


def same_dimension(first, second, first_name, second_name):
    """Raises BadInput unless both matrices have the same number of columns."""
    if first.shape[1] != second.shape[1]:
        raise BadInput(f"The {first_name} have {first.shape[1]} dimensions and the {second_name} have "
                       f"{second.shape[1]}: both must come from the same feature extractor.")


def feature_pair(real, fake):
    """Both sets as float64 matrices of one width, neither of them constant.  Raises BadInput."""
    real, fake = feature_matrix(real, "real features"), feature_matrix(fake, "fake features")
    same_dimension(real, fake, "real features", "fake features")
    for matrix, name in ((real, "real features"), (fake, "fake features")):
        if (largest := max(matrix.max(), -matrix.min())) > LARGEST:
            raise BadInput(f"The {name} reach to {largest:.3g}, and their powers are beyond what a number can be here: "
                           "scale them, or see whether the network that made them has diverged.")
    if is_constant(real):
        raise BadInput("The real features are constant (no variance in any dimension): all real samples are one to "
                       "the extractor, so that nothing can be compared; give data that differ, or choose another extractor.")
    if is_constant(fake):
        raise BadInput("The fake features are constant (no variance in any dimension): all generated samples are the "
                       "same one, so the generator has collapsed.")
    return real, fake


def probability_matrix(values, name="class probabilities"):
    """``values`` as class probabilities (N, K) float64: none negative, each row summing to 1.  Raises BadInput."""
    matrix = feature_matrix(values, name)
    # Loose enough for a softmax in half precision.
    if matrix.min() < -1e-6 or not np.allclose(matrix.sum(axis=1), 1, rtol=0, atol=1e-3):
        raise BadInput(f"The {name} must not be negative and each row must sum to 1: apply softmax to logits first.")
    return np.maximum(matrix, 0)


def is_constant(matrix):
    """Whether several samples are all the same one."""
    return len(matrix) > 1 and bool((matrix == matrix[0]).all())


def at_least(count, score, **sets):
    """Raises BadInput unless each set (``name=matrix``) has ``count`` samples or more; says which has not."""
    short = " and ".join(f"{len(matrix)} {name.replace('_', ' ')}" for name, matrix in sets.items()
                         if len(matrix) < count)
    if short:
        raise BadInput(f"The {score} needs at least {count} samples in each set; there are only {short}.")


def positive_integer(value, name):
    """``value`` as an int of at least 1, or BadInput."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise BadInput(f"The {name} must be a whole number of at least 1, not {value!r}.")
    return int(value)
