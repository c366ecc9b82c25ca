"""Everything that a comparison of some runs shows, as plain values."""

import collections
import dataclasses
from dataclasses import dataclass

from gan_core.compare import scores as kept_scores
from gan_core.compare.curves import axis_titles, before, charts, overlaid, places, scored
from gan_core.compare.entries import Entry, differing, entries
from gan_core.compare.fairness import noises, outdated, rankable, unfair
from gan_core.compare.figures import Figure, table
from gan_core.compare.verdicts import verdict
from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput
from gan_core.evaluation import human
from gan_core.evaluation.score_names import SCORES, explained, in_words
from gan_core.modalities.base import Modality, headline_of, is_picture, modalities, modality
from gan_core.store import damage, judgements
from gan_core.store.artifacts import sample_sheets

SCORE = "score:"  # before the key of a curve of checkpoints' scores
MOST = 24  # runs in one comparison: beyond, nothing can be told apart


@dataclass(frozen=True)
class Comparison:
    """The answer of :func:`compare`."""

    entries: list[Entry]
    ranked: bool  # whether they learned the same, so that somebody can be better
    figures: list[Figure]
    unfair: list[str]
    verdict: list[str]
    noises: list[str]  # what "the same noise" means here, where it does not mean the same
    settings: list[tuple]
    series: dict       # run id -> Series
    scores: dict       # run id -> the score that stands in the table
    checkpoints: dict  # run id -> the scores of its checkpoints that curves are drawn of
    live: tuple        # ids of the runs whose live scores share an axis, and sentences on the others
    unlike: list[str]  # sentences on whose checkpoints' scores share no axis with the others'

    def axes(self):
        """``{axis: what to call it}`` of all that curves and sheets can be laid along."""
        return axis_titles(self.entries)

    def lines(self, key, axis):
        """The curves of one of :meth:`charts`, a :class:`Lines` for each entry that has it; ``axis`` as in
        :func:`overlaid`."""
        if key.startswith(SCORE):
            return scored(self.entries, self.series, self.checkpoints, key.removeprefix(SCORE), axis)
        return overlaid(self.entries, self.series, key, axis, self.live[0] if self._probed(key) else None)

    def before(self, key, axis, past):
        """What led to the entries that are forks, a :class:`Lines` for each; ``past(run)`` is its
        :class:`gan_core.store.lineage.Past`."""
        return [] if key.startswith(SCORE) else before(self.entries, key, axis, past)

    def _probed(self, key):
        """Whether a curve means nothing beside those of another extractor."""
        return key in {Modality.headline.key, *(headline_of(entry.run.kind).key for entry in self.entries)}

    def charts(self):
        """``{key: title}`` of what can be drawn: curves of training, then the scores of checkpoints."""
        keys = {key for series in self.series.values() for key in series.keys()}
        runs = [run for entry in self.entries for run in entry.runs]
        curved = {metric.key for metric in SCORES for run in self.checkpoints.values()
                  if sum(score.get(metric.key) is not None for score in run) > 1}
        known = charts(runs)
        theirs = {key: key for run in runs if run.elsewhere for key in self.series[run.id].keys() if key not in known}
        return ({key: title for key, title in known.items() if key in keys} | theirs
                | {SCORE + metric.key: f"{metric.title} of checkpoints" for metric in SCORES if metric.key in curved})

    def floor(self, key):
        """What real samples score against real ones, for a chart of checkpoints' scores; None where it is not known."""
        floors = {s.get(f"{key.removeprefix(SCORE)}_floor") for run in self.checkpoints.values() for s in run}
        return floors.pop() if key.startswith(SCORE) and len(floors) == 1 else None

    def left_out(self, key):
        """Sentences on whose curves are missing in a chart because they cannot share its axis."""
        return self.unlike if key.startswith(SCORE) else self.live[1] if self._probed(key) else []

    def legends(self):
        """Sentences on what the colours and the rows of the sheets mean, and of which entries where not of all."""
        of = collections.defaultdict(list)
        for entry in self.entries:
            if entry.run.kind in modalities():  # what other programs draw has no legend
                of[modality(entry.run.kind).legend(RunSpec.from_dict(entry.run.spec).data_spec)].append(entry.letter)
        return [said if len(of) == 1 else f"{', '.join(letters)}: {said}" for said, letters in of.items() if said]

    def sheets_title(self):
        """What the sheets have in common, for above them."""
        given = {"source" in modalities()[entry.run.kind].fields if entry.run.kind in modalities() else None
                 for entry in self.entries}
        if given == {False}:
            return "Samples from the same noise"
        return "What is made of the same sources" if given == {True} and self.ranked else "Samples"

    def explanations(self):
        """Sentences on the figures that rank nobody though they are scores, and on what those of each entry mean."""
        said = [f"{entry.letter}: {sentence}" for entry in self.entries
                for sentence in in_words(self.scores.get(entry.run.id, {}))]
        return [*explained([figure.key for figure in self.figures]), *said]

    def sheets(self, store, axis):
        """``{letter: [(position, name of the sheet)]}`` in rising order, of sheets that are pictures; positions are of the
        chosen axis, names among the artifacts of the entry's ``run``."""
        by_letter = {}
        for entry in self.entries:
            sheets = {step: name for step, name in sample_sheets(store.artifacts(entry.run.id)).items() if is_picture(name)}
            at = places(entry.run, self.series[entry.run.id], list(sheets), axis).tolist()
            by_letter[entry.letter] = list(zip(at, sheets.values()))
        return by_letter

    def as_dict(self):
        """Plain values for JSON."""
        return {
            "entries": [{"letter": e.letter, "title": e.title, "runs": [run.id for run in e.runs]}
                        for e in self.entries],
            "figures": [{"key": f.key, "title": f.title, "unit": f.unit, "better": f.better, "values": list(f.values),
                         "errors": list(f.errors), "floor": f.floor,
                         "best": None if f.best() is None else self.entries[f.best()[0]].letter,
                         "within_noise": [self.entries[i].letter for i in (f.best() or (0, []))[1]]}
                        for f in self.figures],
            "settings": [{"name": name, "values": values, "differs": differs}
                         for name, values, differs in self.settings],
            "unfair": self.unfair, "verdict": self.verdict, "noises": self.noises,
        }


def compare(store, run_ids, series, fewest=2):
    """A :class:`Comparison` of some runs.

    Args:
        store: :class:`gan_core.store.RunStore`.
        run_ids: two or more; a run that was deleted, or cannot be read, is named in ``unfair`` and left out.
        series: ``series(run_id)``, a refreshed :class:`gan_core.store.curves.Series`.
        fewest: runs that must be there; a report may show one alone.

    Raises:
        BadInput: when fewer runs are there, or too many were given.
    """
    wanted, runs, said = list(dict.fromkeys(run_ids)), [], []
    for run_id in wanted:
        try:
            run = store.get(run_id)
        except BadInput:
            said.append(f"The run {run_id} is not here any more and is left out.")
            continue
        try:  # as today's version has it
            runs.append(dataclasses.replace(run, spec=RunSpec.from_dict(run.spec).as_dict()))
        except BadInput as error:
            said.append(f"The run {run_id} is left out: {error}")
    said += [sentence for run in runs for sentence in damage.told(store, run.id)]
    if len(runs) < fewest:
        needed = "A comparison needs two runs at least; choose" if fewest > 1 else "Choose"
        raise BadInput(f"{needed} {'one' if fewest == 1 else 'more'}." if not said else
                       f"{' '.join(said)} {needed} {'another' if fewest == 1 else 'others'}.")
    if len(runs) > MOST:
        raise BadInput(f"A comparison takes at most {MOST} runs; choose fewer.")
    compared = entries(runs)
    kept = {run.id: kept_scores.kept(store.artifacts(run.id)) for run in runs}
    names = {run.id: entry.of(run) for entry in compared for run in entry.runs}
    chosen, missing = kept_scores.comparable(kept, names)
    checkpoints, unlike = kept_scores.over_steps(compared, kept)
    judged = human.comparable({run.id: judgements.kept(store.artifacts(run.id)) for run in runs})
    ranked = rankable(compared)
    figures, unfairness = (table(compared, chosen, judged, ranked),
                           said + unfair(compared) + missing + outdated(compared, chosen))
    return Comparison(compared, ranked, figures, unfairness, verdict(compared, figures, ranked), noises(compared),
                      differing(compared), {run.id: series(run.id) for run in runs}, chosen, checkpoints,
                      kept_scores.live(compared), unlike)
