"""The Fréchet distance where a side is known by mean and covariance of its features alone, as FID tools keep them."""

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.metrics.checks import at_least, feature_matrix, is_constant
from gan_core.evaluation.metrics.frechet import frechet_of_moments, moments

LARGEST = 1e100  # of a mean or a covariance: its square is a float still
FID = 2048  # features of the Inception network, of which most such files are


def are_in(content):
    return "mu" in content


def score(pair, extractor, extract):
    """``frechet`` and what it was made of, of two sides of which one at least has ``mu`` (d,) and ``sigma`` (d, d).

    Args:
        pair: a :class:`gan_core.evaluation.score_files.Pair`.
        extractor: the name that was asked for, or None.
        extract: ``extract(content, name)`` gives the features of samples and the id of the extractor that made them.

    Raises:
        BadInput: for statistics that are none, or of another extractor than the other side.
    """
    sides, names = [], []
    for content, file in zip(pair[:2], pair.names):
        mean, covariance, count, made_by = _moments(content, file, pair, extractor, extract)
        sides.append((mean, covariance, count))
        names.append(made_by)
    (mean_real, cov_real, n_real), (mean_fake, cov_fake, n_fake) = sides
    if mean_real.shape != mean_fake.shape:
        raise BadInput(f"{pair.names[0]} is of {len(mean_real):,} features and {pair.names[1]} of {len(mean_fake):,}; "
                       "both must come from the same extractor.")
    notes = ["Of statistics nothing but the Fréchet distance can be had, and no floor: every other score needs the "
             "samples or their features."]
    known = [name for name in names if name]
    if len(known) < 2:
        notes.append("The statistics do not say which extractor made them; the distance means nothing unless it was the "
                     "same on both sides.")
    return {"extractor": known[0] if known else "that of the statistics", "live": False, "n_real": n_real, "n_fake": n_fake,
            "frechet": frechet_of_moments(mean_real, cov_real, mean_fake, cov_fake), "notes": notes}


def _moments(content, file, pair, extractor, extract):
    """``(mean, covariance, number of samples or None, id of the extractor or None)`` of one side."""
    named = str(content["extractor"]) if "extractor" in content else None
    if are_in(content):
        return *_checked(content, file), None, named
    if "features" in content:
        if extractor is not None:
            raise BadInput("Features are scored as they are; leave --extractor out, or give samples.")
        features = content["features"]
    elif "kind" in content:
        raise BadInput(f"{file} holds no images, and statistics are of features of images; give features of both.")
    else:
        width = next(_checked(other, name)[0].size for other, name in zip(pair[:2], pair.names) if are_in(other))
        if extractor is None:
            usual = "; those of FID tools are of inception" if width == FID else ""
            raise BadInput(f"The statistics are of {width:,} features, and {file} holds samples: say with --extractor which "
                           f"extractor made the statistics{usual}.")
        features, named = extract(content, file)
        if features.shape[1] != width:
            raise BadInput(f"The statistics are of {width:,} features and {extractor} makes {features.shape[1]:,}; choose "
                           "the extractor that made the statistics.")
    features = feature_matrix(features, f"features of {file}")
    at_least(features.shape[1] + 1, f"Fréchet distance of {features.shape[1]:,}-dimensional features", samples=features)
    if is_constant(features):
        raise BadInput(f"The features of {file} are constant: all of its samples are the same one.")
    return *moments(features), len(features), named


def _checked(content, file):
    if any(np.asarray(content[name]).dtype.kind not in "iuf" for name in ("mu", "sigma")):
        raise BadInput(f"The statistics in {file} are not numbers.")
    mean, covariance = (np.asarray(content[name], np.float64) for name in ("mu", "sigma"))
    mean = mean.reshape(-1)
    if not mean.size or covariance.shape != (mean.size, mean.size):
        raise BadInput(f"The statistics in {file} have shapes {np.shape(content['mu'])} and {covariance.shape}: a mean "
                       "(d,) and a covariance (d, d) are needed.")
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all() and np.allclose(covariance, covariance.T, atol=1e-4)
            and (np.diagonal(covariance) >= 0).all()):
        raise BadInput(f"The statistics in {file} are no mean and covariance: they hold NaN or infinite values or negative "
                       "variances, or are not symmetric.")
    if max(np.abs(mean).max(), np.abs(covariance).max()) > LARGEST:
        raise BadInput(f"The statistics in {file} reach beyond {LARGEST:g}, of which no distance can be computed.")
    return mean, covariance
