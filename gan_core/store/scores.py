"""A run's scores: ``scores/<step>-<extractor>-<n>.json``, one artifact a scored checkpoint; and what its samples were worth
for recognition, ``recognition/<step>-<generated>-<real>.json``.

Scores of different extractors or counts say nothing about each other, so each has an artifact of its own, and the best
checkpoint is looked for among those scored alike.
"""

import json
import re
from collections import defaultdict

from gan_core.errors import StoreError
from gan_core.store import records
from gan_core.store.artifacts import NotWritten, checkpoints, step_name

SCORES, RECOGNITION, JSON = "scores/", "recognition/", ".json"

# What two results must share to be compared.
EQUALS = ("extractor", "n_real", "n_fake", "live")
OF_SCORES = {"step", *EQUALS}
OF_RECOGNITION = {"step", "scored", "tstr_accuracy", "augmented_accuracy"}
LARGEST = 100  # classes of which all confusions are kept: of a thousand they would be a million numbers
# What is no number in a result.
FORMS = ({key: lambda value: isinstance(value, str) for key in ("run", "data", "extractor", "target")}
         | {key: lambda value: isinstance(value, bool) for key in ("live", "stopped")}
         | {key: lambda value: type(value) is int for key in ("n_real", "n_fake")}
         | dict.fromkeys(("notes", "classes"), records.are_texts)
         | {"class_recall": records.are_numbers,
            "confusion": lambda value: isinstance(value, list) and all(map(records.are_numbers, value))})


def keep(artifacts, result):
    """Keep a result of :func:`gan_core.tasks.evaluation.evaluate` with the run; returns its name.

    Raises:
        StoreError: when it cannot be written, or the run is gone.
    """
    if len(result.get("confusion", ())) > LARGEST:
        result = {key: value for key, value in result.items() if key != "confusion"}
    extractor = re.sub(r"[^\w.-]+", "-", result["extractor"])
    suffix = f"-{extractor}-{result['n_fake']}{'-live' if result['live'] else ''}{JSON}"
    return _write(artifacts, step_name(SCORES, result["step"], suffix), result)


def keep_recognition(artifacts, result):
    """Keep a result of :func:`gan_core.tasks.evaluation.recognise` with the run; returns its name."""
    suffix = f"-{result['n_tstr_generated']}-{result['n_tstr_real']}{JSON}"
    return _write(artifacts, step_name(RECOGNITION, result["step"], suffix), result)


def _write(artifacts, name, result):
    try:
        artifacts.put(name, json.dumps(result, indent=2).encode())
    except NotWritten as error:
        raise StoreError(f"The scores could not be kept in {name} ({error.reason}); make room on the disk and score "
                         "again.") from error
    return name


def kept(artifacts):
    """The results that are kept, in the order of their steps."""
    return sorted(_read(artifacts, SCORES, OF_SCORES), key=lambda result: result["step"])


def kept_recognitions(artifacts):
    """The results of recognition that are kept, the newest first."""
    results = _read(artifacts, RECOGNITION, OF_RECOGNITION)
    return sorted(results, key=lambda result: -result["scored"])


def spoiled(artifacts):
    """The names of results that cannot be read, and are left out."""
    return [name for prefix, keys in ((SCORES, OF_SCORES), (RECOGNITION, OF_RECOGNITION))
            for name in _sorted_out(artifacts, prefix, keys)[1]]


def _read(artifacts, prefix, keys):
    # None, which some programs write for a score that does not apply, is as good as nothing.
    return [{key: value for key, value in result.items() if value is not None}
            for _, result in _sorted_out(artifacts, prefix, keys)[0]]


def _sorted_out(artifacts, prefix, keys):
    names = [name for name in artifacts.list(prefix) if name.endswith(JSON) and name[len(prefix):][:1].isdecimal()]
    return records.read(artifacts, names, lambda result: _fits(result, keys))


def _fits(result, keys):
    """Whether a result has these keys, and each of its values is of the type that is computed with."""
    return (isinstance(result, dict) and keys <= result.keys() and records.is_step(result["step"])
            and all(value is None and key not in keys or FORMS.get(key, records.is_number)(value)
                    for key, value in result.items()))


def of(artifacts, step, headline):
    """The result of a checkpoint that says most, None where it has none: one that was asked for rather than one that was
    made while the run went on, and of several the one with the most samples."""
    results = [result for result in kept(artifacts) if result["step"] == step and headline.key in result]
    return max(results, key=lambda result: (not result["live"], result["n_fake"] or 0), default=None)


def best(artifacts, headline, among=None):
    """``(step, all_scored)``: the kept checkpoint that is best by the :class:`gan_core.modalities.base.Headline`, None when
    none is scored, and whether every kept checkpoint was scored in the way that it was, so that no other can be
    better.  ``among`` are the steps of those that can be used, all by default."""
    steps = set(checkpoints(artifacts) if among is None else among)
    ways = defaultdict(dict)
    for result in kept(artifacts):
        if result["step"] in steps and headline.key in result:
            ways[tuple(result[key] for key in EQUALS)][result["step"]] = result
    if not ways:
        return None, False
    # The way in which most checkpoints were scored, and of several the one with the most samples.
    way = max(ways.values(), key=lambda results: (len(results), next(iter(results.values()))["n_fake"]))
    return headline.best({step: result[headline.key] for step, result in way.items()}), len(way) == len(steps)
