"""What of a run is damaged and left out: checkpoints, views, scores, verdicts, each named in a sentence."""

from gan_core.store import artifacts, judgements, scores, weights


def told(store, run_id):
    """Sentences, one for each thing that is damaged; none as a rule."""
    held = store.artifacts(run_id)
    spoiled = [*artifacts.spoiled_views(held), *scores.spoiled(held), *judgements.spoiled(held)]
    return [*weights.whole(store, run_id)[1].values(),
            *(f"{name} of the run {run_id} cannot be read and is left out; remove it, or make it anew." for name in spoiled)]
