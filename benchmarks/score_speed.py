"""Time and memory of all scores: ``python -m benchmarks.score_speed`` from the root.

Scores 10,000 fakes against 10,000 real samples of dimension 128, with 10,000 further reals for the floor and class
probabilities, as at the end of a run.  Exits with 1 beyond 20 s or 2 GB, the limits that the project sets itself for
two cores.  Set OPENBLAS_NUM_THREADS=2 on a machine that has more.
"""

import argparse
import resource
import sys
import time

import numpy as np

from gan_core.metrics import authenticity, copy_test, evaluate_features

SECONDS, GIGABYTES = 20, 2


def measure(samples, dimension):
    """Prints seconds per score and in all, and the peak of the process's resident memory; returns the last two."""
    rng = np.random.default_rng(0)
    real, real_b, fake = rng.standard_normal((3, samples, dimension))
    fake *= 1.1
    classes = rng.dirichlet(np.full(10, 0.1), (2, samples))
    marks = []
    evaluate_features(real, fake, real_b=real_b, probabilities_real=classes[0], probabilities_fake=classes[1],
                      progress=lambda share, name: marks.append((name, time.perf_counter())))
    for (name, started), (_, ended) in zip(marks, marks[1:]):
        print(f"  {ended - started:6.2f} s  {name}")
    seconds = marks[-1][1] - marks[0][1]
    gigabytes = _peak()
    print(f"{seconds:.2f} s, {gigabytes:.2f} GB at most: all scores and their floors, "
          f"{samples} against {samples} of dimension {dimension}")
    started = time.perf_counter()
    authenticity(real, fake)
    copy_test(real, real_b, fake)
    print(f"{time.perf_counter() - started:.2f} s, {_peak():.2f} GB at most: copying, on top")
    return seconds, max(gigabytes, _peak())


def _peak():
    """Gigabytes; Linux counts in units of 1,024 bytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e9 if sys.platform == "darwin" else peak * 1024 / 1e9


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=128)
    arguments = parser.parse_args()
    seconds, gigabytes = measure(arguments.samples, arguments.dimension)
    sys.exit(seconds > SECONDS or gigabytes > GIGABYTES)
