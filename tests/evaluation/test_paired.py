"""PSNR and SSIM of pairs of images, and where they are asked for."""

import json
import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gan_core.errors import BadInput
from gan_core.evaluation import scoring
from gan_core.evaluation.metrics import l1, psnr, ssim
from gan_core.pretrained import lite
from helpers_runs import cli, is_a_sentence

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 16, 16, 3)).astype(np.uint8)
OTHERS = np.clip(IMAGES + RNG.normal(0, 30, IMAGES.shape), 0, 255).astype(np.uint8)


def test_psnr_of_a_known_difference():
    """10 log10(255^2 / MSE), the mean over images and not of all pixels together."""
    black = np.zeros((2, 8, 8, 1), np.uint8)
    grey = np.stack([np.full((8, 8, 1), 16), np.full((8, 8, 1), 51)]).astype(np.uint8)
    assert psnr(black, grey) == pytest.approx((20 * math.log10(255 / 16) + 20 * math.log10(5)) / 2)
    assert math.isinf(psnr(grey, grey))
    assert l1(black, grey) == pytest.approx((16 + 51) / 2 / 255) and l1(grey, black) == l1(black, grey)


def test_ssim_as_the_paper_writes_it():
    """Wang 2004, equation 13, with a Gaussian of sigma 1.5; away from the border, where windows are whole."""
    def index(a, b):
        def mean(x):
            return gaussian_filter(x.astype(float), 1.5, truncate=3.5)

        a, b = a.astype(float), b.astype(float)
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        cross, va, vb = mean(a * b) - mean(a) * mean(b), mean(a * a) - mean(a) ** 2, mean(b * b) - mean(b) ** 2
        whole = ((2 * mean(a) * mean(b) + c1) * (2 * cross + c2)
                 / ((mean(a) ** 2 + mean(b) ** 2 + c1) * (va + vb + c2)))
        return whole[5:-5, 5:-5].mean()

    expected = np.mean([index(a[..., c], b[..., c]) for a, b in zip(IMAGES, OTHERS) for c in range(3)])
    assert ssim(IMAGES, OTHERS) == pytest.approx(expected, rel=1e-6)
    assert ssim(IMAGES, IMAGES) == pytest.approx(1.0)


@pytest.mark.parametrize("score", [l1, psnr, ssim])
@pytest.mark.parametrize("others", [OTHERS[:2], OTHERS[:, :8], OTHERS / 255, OTHERS[..., 0]])
def test_what_are_no_pairs_is_refused(score, others):
    with pytest.raises(BadInput) as told:
        score(IMAGES, others)
    assert is_a_sentence(str(told.value))


def test_ssim_needs_room_for_its_window():
    with pytest.raises(BadInput, match="window of 11"):
        ssim(IMAGES[:, :10, :10], OTHERS[:, :10, :10])
    assert ssim(IMAGES[:, :11, :11], OTHERS[:, :11, :11]) < 1


def test_scores_that_do_not_apply_are_absent():
    looks = set() if lite.missing("lite0") else {"perceptual"}
    assert set(scoring.score_pairs(IMAGES, OTHERS)) == {"n_pairs", "l1", "psnr", "ssim"} | looks
    assert set(scoring.score_pairs(IMAGES[:, :8, :8], OTHERS[:, :8, :8])) == {"n_pairs", "l1", "psnr"} | looks
    assert set(scoring.score_pairs(IMAGES, IMAGES)) == {"n_pairs", "l1", "ssim"} | looks
    floats = OTHERS.astype(np.float32) / 127.5 - 1
    assert scoring.score_pairs(IMAGES, floats)["psnr"] == pytest.approx(psnr(IMAGES, OTHERS), rel=1e-3)


def test_two_files_can_be_compared_pair_by_pair(tmp_path):
    images = RNG.integers(0, 256, (160, 12, 12, 1)).astype(np.uint8)
    others = np.clip(images + RNG.normal(0, 20, images.shape), 0, 255).astype(np.uint8)
    for name, samples in (("real", images), ("fake", others), ("fewer", others[:150])):
        np.savez(tmp_path / f"{name}.npz", samples=samples)
    files = ["--real", tmp_path / "real.npz", "--fake"]
    answer = cli("score", *files, tmp_path / "fake.npz", "--paired", "--json", workspace=tmp_path)
    found = json.loads(answer.out)
    assert found["n_pairs"] == 160 and found["psnr"] == pytest.approx(psnr(images, others)) and "kernel" in found
    refused = cli("score", *files, tmp_path / "fewer.npz", "--paired", workspace=tmp_path)
    assert refused.code == 2 and is_a_sentence(refused.err)
