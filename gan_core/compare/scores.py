"""The scores that were kept with runs, and which of them may stand beside each other."""

import collections

from gan_core.runs.scores import EQUALS, kept

__all__ = ["comparable", "kept", "terms"]


def terms(score):
    """What two scores must share to be compared: the extractor and the counts."""
    return tuple(score.get(name) for name in EQUALS)


def comparable(by_run):
    """The scores of several runs that may be compared.

    Args:
        by_run: ``{run id: its kept scores}``.

    Returns:
        ``({run id: score}, sentences)``: for the terms that most runs share, each run's newest score under them; the
        sentences say which runs are left out, and why.
    """
    shared = collections.Counter(each for scores in by_run.values() for each in {terms(s) for s in scores})
    if not shared:
        return {}, []
    most = max(shared, key=lambda each: (shared[each], each[EQUALS.index("n_fake")] or 0))
    chosen = {run: [s for s in scores if terms(s) == most][-1] for run, scores in by_run.items()
              if any(terms(s) == most for s in scores)}
    said = [f"{run} was scored under other terms ({s[-1].get('extractor')}, {s[-1].get('n_fake')} samples) and stands "
            "without scores: score it again." for run, s in by_run.items() if s and run not in chosen]
    missing = [run for run, s in by_run.items() if not s]
    if missing:
        said.append(f"Not scored yet: {', '.join(missing)}.")
    return chosen, said
