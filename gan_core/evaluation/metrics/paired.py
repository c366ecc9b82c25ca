"""Pairs of images that ought to be alike: their mean difference, and PSNR and SSIM as scikit-image computes them."""

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.metrics.base import HIGHER, LOWER, Alike, Family, Score

WINDOW = 11  # pixels: the Gaussian of SSIM, cut off at 3.5 of its sigmas of 1.5


def l1(images, others):
    """Mean absolute difference of pairs of uint8 images (N, H, W, C), as a share of the whole range."""
    return float(np.mean([np.abs(a.astype(np.int16) - b).mean() for a, b in _pairs(images, others)])) / 255


def psnr(images, others):
    """Mean peak signal-to-noise ratio in dB of pairs of uint8 images (N, H, W, C); infinite when a pair is equal.

    Raises BadInput unless both are such images of one shape.
    """
    from skimage.metrics import peak_signal_noise_ratio  # here, for it takes a second to import

    with np.errstate(divide="ignore"):
        return float(np.mean([peak_signal_noise_ratio(a, b, data_range=255) for a, b in _pairs(images, others)]))


def ssim(images, others):
    """Mean structural similarity (Wang 2004) of pairs of uint8 images (N, H, W, C); 1 when all are equal.

    The paper's Gaussian window of 11 pixels with a sigma of 1.5, and covariances over N; the mean over channels.
    Raises BadInput unless both are such images of one shape, of 11 pixels a side or more.
    """
    from skimage.metrics import structural_similarity

    pairs = _pairs(images, others)
    if min(np.shape(images)[1:3]) < WINDOW:
        raise BadInput(f"Structural similarity looks through a window of {WINDOW} pixels, and the images are "
                       f"{np.shape(images)[1]} x {np.shape(images)[2]}: leave it out, or use larger images.")
    return float(np.mean([structural_similarity(a, b, data_range=255, channel_axis=-1, gaussian_weights=True, sigma=1.5,
                                                use_sample_covariance=False) for a, b in pairs]))


def _pairs(images, others):
    images, others = np.asarray(images), np.asarray(others)
    for array in (images, others):
        if array.ndim != 4 or array.dtype != np.uint8 or 0 in array.shape:
            raise BadInput(f"Pairs are compared as uint8 images of shape (N, H, W, C), not {array.dtype} of shape "
                           f"{array.shape}.")
    if images.shape != others.shape:
        raise BadInput(f"Pairs need as many images of one size in both sets; they are {images.shape} and "
                       f"{others.shape}.")
    return list(zip(images, others))


def measure(pairs):
    """The difference and PSNR, and SSIM of images that are large enough for its window."""
    values = {"l1": l1(pairs.images, pairs.others), "psnr": psnr(pairs.images, pairs.others)}
    if min(pairs.images.shape[1:3]) >= WINDOW:
        values["ssim"] = ssim(pairs.images, pairs.others)
    return values


FAMILY = Family("pairs of images", of=Alike, turn=10, measure=measure, scores=(
    Score("l1", "Mean difference", LOWER, "Of held-out images and what was to become the same: the mean difference of their "
          "pixels, as a share of the whole range.", place=155),
    Score("psnr", "PSNR (dB)", HIGHER, "Of held-out images and what was to become the same: how near each pixel is.",
          place=160),
    Score("ssim", "SSIM", HIGHER, "Of held-out images and what was to become the same: how alike their structure is; "
          "1 is equal.", place=170)))
