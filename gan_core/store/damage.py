"""What of a run is damaged and left out: checkpoints, views, scores, verdicts, rows of curves, each named in a sentence."""

from gan_core.store import artifacts, judgements, scores, weights
from gan_core.store.run import ENDED


def told(store, run_id):
    """Sentences, one for each thing that is damaged; none as a rule."""
    held = store.artifacts(run_id)
    spoiled = [*artifacts.spoiled_views(held), *scores.spoiled(held), *judgements.spoiled(held)]
    return [*weights.whole(store, run_id)[1].values(), *_of_rows(store, run_id),
            *(f"{name} of the run {run_id} cannot be read and is left out; remove it, or make it anew." for name in spoiled)]


def _of_rows(store, run_id):
    """Of a run that has ended, for all its rows are looked at; once for as long as it stays as it is."""
    run = store.get(run_id)
    if run.status not in ENDED:
        return []
    kept, mark = store.__dict__.setdefault("_spoiled_rows", {}), (run.status, run.step, run.attempt)
    if kept.get(run_id, ("",))[0] != mark:
        kept[run_id] = mark, store.spoiled_rows(run_id)
    count = kept[run_id][1]
    points, are = ("point", "is") if count == 1 else ("points", "are")
    return [f"Of the curves of the run {run_id} {count:,} {points} cannot be read and {are} left out."] if count else []
