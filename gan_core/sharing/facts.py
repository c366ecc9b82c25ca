"""What whoever takes a model away should know of it: data and their licence, budget, scores beside their baselines."""

from gan_core.data import library
from gan_core.evaluation import score_names
from gan_core.modalities.base import headline_of, modality
from gan_core.store import lineage, scores


def licence_of(store, run):
    """Under which licence the data of a run are, as far as the workbench knows; "" where they are a person's own."""
    return info.licence if (info := library.described(run.data, store.workspace)) else ""


def of_run(store, run, card, step):
    """``[(title, text), ...]`` without what is not known."""
    parent = lineage.parent_of(run)
    minutes = run.seconds / 60 + lineage.minutes_before(run)
    facts = [("Architecture", card.title), ("Paper", card.paper), ("Data", run.data),
             ("Licence of the data", licence_of(store, run)), ("About the data", run.facts.get("data_note")),
             ("Checkpoint", f"step {step:,} of {run.step:,}"), ("Training", f"{minutes:,.1f} minutes"),
             ("Fork of", parent and f"{parent.id} at step {parent.step:,}; changed: {lineage.in_words(parent.changed)}"),
             ("Device", run.facts.get("device")), ("Notes", run.notes)]
    return [(title, str(text)) for title, text in facts if text]


def settings_of(run):
    return [(name.replace("_", " ").capitalize(), value) for name, value in (run.settings | run.knobs).items()]


def scores_of(held, run, step):
    """``(rows, said)`` of the scores of a checkpoint: of each the :class:`gan_core.evaluation.metrics.base.Score`, its value
    and what real samples have against each other, or None; and a sentence on how many samples and which extractor.
    ``([], "")`` where it was not scored."""
    result = scores.of(held, step, headline_of(run.kind))
    if result is None:
        return [], ""
    told = score_names.only(result, modality(run.kind))
    rows = [(score, result[score.key], result.get(f"{score.key}_floor"))
            for score in score_names.SCORES if score.key in told and score.key in result]
    return rows, (f"{result['n_fake']:,} generated against {result['n_real']:,} real samples; extractor "
                  f"{result['extractor']}." + "".join(f" {said}" for said in score_names.in_words(result)))
