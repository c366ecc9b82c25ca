"""A run's scores: ``scores/<step>-<extractor>-<n>.json`` in its folder, one file a scored checkpoint; and what its
samples were worth for recognition, ``recognition/<step>-<generated>-<real>.json``.

Scores of different extractors or counts say nothing about each other, so each has a file of its own, and the best
checkpoint is looked for among those scored alike.
"""

import json
import re
from collections import defaultdict
from pathlib import Path

from gan_core.errors import StoreError
from gan_core.store import artifacts
from gan_core.whole_files import write_whole

# What two results must share to be compared.
EQUALS = ("extractor", "n_real", "n_fake", "live")


def keep(folder, result):
    """Write a result of :func:`gan_core.tasks.evaluation.evaluate` to the run's folder; returns its path.

    Raises:
        StoreError: when it cannot be written, or the run is gone.
    """
    if not Path(folder).is_dir():
        raise StoreError(f"The run {Path(folder).name} was deleted, so its scores cannot be kept; choose another run.")
    extractor = re.sub(r"[^\w.-]+", "-", result["extractor"])
    suffix = f"-{extractor}-{result['n_fake']}{'-live' if result['live'] else ''}.json"
    return _write(artifacts.step_path(Path(folder) / "scores", result["step"], suffix), result)


def keep_recognition(folder, result):
    """Write a result of :func:`gan_core.tasks.evaluation.recognise` to the run's folder; returns its path."""
    suffix = f"-{result['n_tstr_generated']}-{result['n_tstr_real']}.json"
    return _write(artifacts.step_path(Path(folder) / "recognition", result["step"], suffix), result)


def _write(path, result):
    try:
        write_whole(path, json.dumps(result, indent=2).encode())
    except OSError as error:
        raise StoreError(f"The scores could not be kept in {path.parent} ({error.strerror or error}); make room on "
                         "the disk and score again.") from error
    return path


def kept(folder):
    """The results that are kept, in the order of their steps."""
    return sorted(_read(Path(folder) / "scores", {"step", *EQUALS}), key=lambda result: result["step"])


def kept_recognitions(folder):
    """The results of recognition that are kept, the newest first."""
    found = _read(Path(folder) / "recognition", {"step", "scored", "tstr_accuracy", "augmented_accuracy"})
    return sorted(found, key=lambda result: -result["scored"])


def _read(folder, keys):
    for path in sorted(folder.glob("[0-9]*.json")):
        try:
            result = json.loads(path.read_text())
        except (OSError, ValueError):  # of another program, or removed just now
            continue
        if isinstance(result, dict) and keys <= result.keys():
            yield result


def best(folder, headline):
    """``(step, all_scored)``: the kept checkpoint that is best by the :class:`gan_core.modalities.base.Headline`, None when
    none is scored, and whether every kept checkpoint was scored in the way that it was, so that no other can be better."""
    steps = set(artifacts.checkpoints(folder))
    ways = defaultdict(dict)
    for result in kept(folder):
        if result["step"] in steps and headline.key in result:
            ways[tuple(result[key] for key in EQUALS)][result["step"]] = result
    if not ways:
        return None, False
    # The way in which most checkpoints were scored, and of several the one with the most samples.
    way = max(ways.values(), key=lambda each: (len(each), next(iter(each.values()))["n_fake"]))
    return headline.best({step: result[headline.key] for step, result in way.items()}), len(way) == len(steps)
