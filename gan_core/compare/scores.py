"""The scores that were kept with runs, and which of them may stand beside each other."""

import collections

from gan_core.compare.learned import told_apart
from gan_core.store.scores import EQUALS, kept

__all__ = ["comparable", "kept", "live", "over_steps", "terms"]


def terms(score):
    """What two scores must share to be compared: the extractor, the counts, and of tables what is told from the rest."""
    return tuple(score.get(name) for name in (*EQUALS, "target"))


def comparable(by_run, names=None):
    """The scores of several runs that may be compared.

    Args:
        by_run: ``{run id: its kept scores}``.
        names: what to call the runs in sentences, by id; their ids where it is silent.

    Returns:
        ``({run id: score}, sentences)``: for the terms that most runs share, each run's newest score under them; the
        sentences say which runs are left out, and why.
    """
    names = names or {}
    shared = collections.Counter(way for scores in by_run.values() for way in {terms(s) for s in scores})
    chosen = {run: scores[-1] for run, scores in _under(shared, by_run).items()}
    if not chosen:
        return {}, []
    said = [f"{names.get(run, run)} was scored under other terms ({s[-1].get('extractor')}, {s[-1].get('n_fake')} samples) "
            "and stands without scores: score it again." for run, s in by_run.items() if s and run not in chosen]
    missing = [names.get(run, run) for run, s in by_run.items() if not s]
    if missing:
        said.append(f"Not scored yet: {', '.join(missing)}.")
    return chosen, said


def over_steps(entries, by_run):
    """The same for curves: scores of many checkpoints, of the data and the terms of which there are most.

    All checkpoints are scored with fewer samples than the last one often is, and the two must not be joined by a line.

    Args:
        entries: :class:`~gan_core.compare.entries.Entry` s.
        by_run: as for :func:`comparable`.

    Returns:
        ``({run id: its scores, by step}, sentences)``.
    """
    (learned, data), said = _most_learned(entries), []
    by_run = {run.id: by_run.get(run.id, []) for entry in entries for run in entry.runs if learned(run) == data}
    marks = {(terms(s), run, s["step"]) for run, scores in by_run.items() for s in scores}
    chosen = _under(collections.Counter(way for way, _, _ in marks), by_run)
    for entry in entries:
        if learned(entry.run) != data:
            said.append(f"{entry.label} is left out: it learned other data or sizes than most.")
        elif any(by_run[run.id] for run in entry.runs) and not any(run.id in chosen for run in entry.runs):
            said.append(f"{entry.label} is left out: it was scored by another extractor or with other numbers of samples.")
    return chosen, said


def live(entries):
    """Whose live scores may share an axis: ``({run id}, sentences on the others)``.

    Those of the data of which there are most, measured by one extractor.  Runs of older versions do not tell theirs; it
    followed from data and size alone, as it does now.
    """
    (learned, data), kept_runs, said = _most_learned(entries), set(), []
    told = collections.Counter(run.facts["probe"] for entry in entries for run in entry.runs
                               if learned(run) == data and run.facts.get("probe"))
    usual = max(told, key=told.get, default=None)
    for entry in entries:
        mine = {run.id for run in entry.runs if learned(run) == data and run.facts.get("probe") in (None, usual)}
        if not mine:
            why = ("it learned other data or sizes than most" if learned(entry.run) != data else
                   f"it was measured by another extractor than most, {entry.run.facts['probe']}")
            said.append(f"{entry.label} is left out: {why}.")
        kept_runs |= mine
    return kept_runs, said


def _most_learned(entries):
    """What tells runs apart by their data, see :func:`told_apart`, and what it says of most."""
    learned = told_apart([run for entry in entries for run in entry.runs])
    counted = collections.Counter(learned(entry.run) for entry in entries)
    return learned, max(counted, key=counted.get)


def _under(shared, by_run):
    """``{run id: its scores}`` under the terms that are counted most often, of several those with most samples."""
    if not shared:
        return {}
    most = max(shared, key=lambda way: (shared[way], way[EQUALS.index("n_fake")] or 0))
    alike = {run: [s for s in scores if terms(s) == most] for run, scores in by_run.items()}
    return {run: scores for run, scores in alike.items() if scores}
