"""Time and memory of the verb ``score``, as a user would call it.

    python benchmarks/score_speed.py [--samples 10000] [--dimension 128] [--parts]

Scores 10,000 fakes against 10,000 real samples of dimension 128, with class probabilities, in a process of its own: from
the call to the last line, the reading of the files and all floors included.  Exits with 1 beyond 20 s or 2 GB, the limits
that the project sets itself for two cores.  Set OPENBLAS_NUM_THREADS=2 on a machine that has more.  ``--parts`` says what
each score takes, measured in this process afterwards.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from verbs import ROOT, gan

sys.path.insert(0, str(ROOT))

SECONDS, GIGABYTES = 20, 2


def features(samples, dimension):
    """``(real, fake)``, each the arrays of a file."""
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, samples, dimension))
    chances = rng.dirichlet(np.full(10, 0.1), (2, samples))
    return {"features": real, "probabilities": chances[0]}, {"features": 1.1 * fake, "probabilities": chances[1]}


def measure(pair):
    """``(seconds, gigabytes at most)`` of the verb on two files."""
    with tempfile.TemporaryDirectory(prefix="gan-score-") as folder:
        real, fake = (Path(folder, f"{name}.npz") for name in ("real", "fake"))
        for path, arrays in zip((real, fake), pair):
            np.savez(path, **arrays)
        began = time.perf_counter()
        found = json.loads(gan("score", "--real", real, "--fake", fake, "--json", workspace=folder))
        seconds = time.perf_counter() - began
    assert {"frechet", "kernel", "classifier_score", "precision", "density", "vendi", "frechet_floor"} <= found.keys()
    return seconds, _peak()


def parts(pair):
    """Prints what each score takes, and copying, which runs are scored by as well."""
    from gan_core.evaluation.metrics import authenticity, copy_test, evaluate_features

    real, fake = pair
    marks = []
    evaluate_features(real["features"], fake["features"], probabilities_real=real["probabilities"],
                      probabilities_fake=fake["probabilities"],
                      progress=lambda share, name: marks.append((name, time.perf_counter())))
    for (name, started), (_, ended) in zip(marks, marks[1:]):
        print(f"  {ended - started:6.2f} s  {name}")
    began = time.perf_counter()
    authenticity(real["features"], fake["features"])
    copy_test(real["features"], real["features"][::-1], fake["features"])
    print(f"  {time.perf_counter() - began:6.2f} s  copying, of runs only")


def _peak():
    """Gigabytes of the largest child; Linux counts in units of 1,024 bytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / 1e9 if sys.platform == "darwin" else peak * 1024 / 1e9


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--parts", action="store_true")
    arguments = parser.parse_args()
    both = features(arguments.samples, arguments.dimension)
    seconds, gigabytes = measure(both)
    print(f"{seconds:.2f} s, {gigabytes:.2f} GB at most: score on {arguments.samples:,} against {arguments.samples:,} "
          f"features of {arguments.dimension}, with all floors")
    if arguments.parts:
        parts(both)
    sys.exit(seconds > SECONDS or gigabytes > GIGABYTES)
