"""Writes tests/golden/metrics.json: what other people's implementations say of features made from seeds.

Only the seeds' recipes (``cases`` below) and the values are kept, so the tests make the same features and need none of
these packages.  Run once, from the root, in an environment of its own, and commit what it writes:

    pip install torch==2.13.0 torch-fidelity==0.4.0 prdc==0.2 vendi-score==0.0.3
    python -m benchmarks.metrics_golden

torch-fidelity imports torchvision for its image readers, which no score of ready features uses; where torchvision is
missing an empty stand-in is put in its place.
"""

import importlib.metadata
import json
import pathlib
import sys
import types

import numpy as np

GOLDEN = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "metrics.json"
KERNEL_SEED, KERNEL_SUBSETS = 2020, ((20, 200), (1, None))  # (how many, of how many samples); None: of all of them


def cases():
    """``{name: (real, fake)}``, float64 features of equal width and, so that one subset can hold all, equal count."""
    def rng(seed):
        return np.random.Generator(np.random.PCG64(seed))

    shifted = rng(1)
    mixing = shifted.standard_normal((16, 16)) / 4
    correlated = (shifted.standard_normal((600, 16)) @ mixing, 0.3 + 0.8 * shifted.standard_normal((600, 16)) @ mixing)

    relu = rng(2)  # like a network's: not negative, dead units, a large mean, more than one block of distances
    scale = np.concatenate([np.zeros(4), relu.uniform(0.1, 3, 60)])
    rectified = tuple(np.maximum(shift + relu.standard_normal((2200, 64)), 0) * scale for shift in (0.5, 0.6))

    ring = rng(3)
    angles = ring.integers(0, 8, 500) * np.pi / 4, ring.integers(0, 5, 500) * np.pi / 4  # the fakes miss 3 modes
    plane = tuple(np.stack([np.cos(a), np.sin(a)], axis=1) + 0.05 * ring.standard_normal((500, 2)) for a in angles)

    far = rng(4)  # barely more samples than dimensions, a mean much larger than the spread
    offset = tuple(100 + far.standard_normal((140, 128)) * spread for spread in (1.0, 1.03))
    return {"correlated": correlated, "rectified": rectified, "ring": plane, "offset": offset}


def probabilities():
    """``{name: (N, K)}`` class probabilities, none of them 0 so that their logarithms are logits."""
    rng = np.random.Generator(np.random.PCG64(5))
    logits = rng.standard_normal((1000, 10)) * np.array([[0.5], [1], [3], [8]]).repeat(250, axis=0)
    weights = np.exp(logits)
    odd = np.exp(2 * rng.standard_normal((333, 1000)))  # splits of unequal size
    return {"mixed": weights / weights.sum(axis=1, keepdims=True), "odd": odd / odd.sum(axis=1, keepdims=True)}


def checksum(*arrays):
    """A number that tells features of another stream from a score that has changed."""
    return float(sum((array * np.cos(np.arange(array.size)).reshape(array.shape)).sum() for array in arrays))


def golden_values():
    torch, fid, isc, kid, prc, compute_prdc, vendi = _references()

    features = {}
    for name, (real, fake) in cases().items():
        tensors = torch.from_numpy(real), torch.from_numpy(fake)
        statistics = [fid.fid_features_to_statistics(tensor) for tensor in tensors]
        values = {"checksum": checksum(real, fake),
                  "frechet": fid.fid_statistics_to_metric(*statistics, verbose=False)[fid.KEY_METRIC_FID],
                  "kernel": [], "vendi": float(vendi.score_dual(fake)), "vendi_small": float(vendi.score_X(fake[:50]))}
        for subsets, size in KERNEL_SUBSETS:
            size = size or len(real)
            if size > len(real):
                continue
            # torch-fidelity's first input is the generated one.
            found = kid.kid_features_to_metric(tensors[1], tensors[0], kid_subsets=subsets, kid_subset_size=size,
                                               rng_seed=KERNEL_SEED, verbose=False)
            values["kernel"].append({"subsets": subsets, "subset_size": size,
                                     "mean": found[kid.KEY_METRIC_KID_MEAN], "std": found[kid.KEY_METRIC_KID_STD]})
        found = prc.prc_features_to_metric(tensors[1], tensors[0], prc_neighborhood=3, verbose=False)
        values["precision"], values["recall"] = found[prc.KEY_METRIC_PRECISION], found[prc.KEY_METRIC_RECALL]
        for k in (3, 5):
            values[f"prdc_{k}"] = {key: float(value) for key, value in compute_prdc(real, fake, k).items()}
        features[name] = values

    scores = {}
    for name, p in probabilities().items():
        scores[name] = {"checksum": checksum(p)}
        for key, shuffle in (("in_order", False), ("shuffled", True)):
            found = isc.isc_features_to_metric(torch.from_numpy(np.log(p)), splits=10, shuffle=shuffle,
                                               rng_seed=KERNEL_SEED)
            scores[name][key] = [found[isc.KEY_METRIC_ISC_MEAN], found[isc.KEY_METRIC_ISC_STD]]

    versions = {package: importlib.metadata.version(package)
                for package in ("numpy", "torch", "torch-fidelity", "prdc", "vendi-score")}
    return {"versions": versions, "seed": KERNEL_SEED, "features": features, "probabilities": scores}


def _references():
    """The packages, imported here because the tests import this module without them."""
    try:
        import torchvision  # noqa: F401
    except ImportError:
        _stand_in_for_torchvision()
    import torch
    from prdc import compute_prdc
    from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc
    from vendi_score import vendi
    return torch, metric_fid, metric_isc, metric_kid, metric_prc, compute_prdc, vendi


def _stand_in_for_torchvision():
    class StandIn(types.ModuleType):
        __path__ = []

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {})

    for name in ("torchvision", "torchvision.datasets", "torchvision.transforms",
                 "torchvision.transforms.functional"):
        sys.modules[name] = StandIn(name)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, sys.modules[name])


if __name__ == "__main__":
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_text(json.dumps(golden_values(), indent=2) + "\n")
    print(f"wrote {GOLDEN.relative_to(pathlib.Path.cwd())}")
