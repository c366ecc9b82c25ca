"""What the numbers of a comparison say, in a few sentences."""

from gan_core.compare.noise import AT_LEAST
from gan_core.modalities.base import headline_of


def headline(entries):
    """The score that ranks entries which learned the same kind of data."""
    return headline_of(entries[0].run.kind)


def verdict(entries, rows, ranked=True):
    """Sentences on some entries and their figures; ``ranked`` is False where the entries learned different things."""
    if not ranked:
        if any(entry.run.elsewhere for entry in entries):
            return ["Some were made elsewhere, so none is called better."]
        return ["These runs learned different things, so none is called better."]
    by_key = {row.key: row for row in rows}
    main = by_key.get(headline(entries).key) or by_key.get("frechet") or next((row for row in rows if row.better), None)
    if main is None:
        return ["There are no scores yet: score the runs to have them ranked."]
    if len(entries) == 1:
        return [_one(entries[0], main)]
    said, ranks = [], main.best()
    if ranks:
        said.append(_best(entries, main, *ranks))
        said += _beside(entries, by_key, main, ranks[0])
    elif known := main.known():
        said.append(f"Only {entries[known[0]].label} has a score that could be ranked: score the others.")
    if (times := by_key.get("step_ms")) and len([v for v in times.values if v]) > 1:
        quick, slow = (pick((v, i) for i, v in enumerate(times.values) if v) for pick in (min, max))
        if slow[0] > 1.2 * quick[0]:
            said.append(f"A step takes {quick[0]:.0f} ms in {entries[quick[1]].label} and {slow[0]:.0f} ms in "
                        f"{entries[slow[1]].label}.")
    if all(len(entry.runs) == 1 for entry in entries):
        said.append("Each has one seed: another seed may turn a small difference round.")
    return said


def _one(entry, figure):
    return f"One recipe over {len(entry.runs)} seeds: {_name(figure)} {figure.written(0)}{_floor(figure)}."


def _best(entries, figure, first, alike):
    sentence = f"By {_name(figure)}, {entries[first].label} is best with {figure.written(first)}{_floor(figure)}"
    guessed = any(figure.errors[i] is None for i in figure.known())
    if alike:
        why = f" or by less than {AT_LEAST}, for not all of the noise is known" if guessed else ""
        return f"{sentence}; {' and '.join(entries[i].label for i in alike)} cannot be told from it within the noise{why}."
    return f"{sentence}, {f'by more than {AT_LEAST}: not all of the noise is known' if guessed else 'beyond the noise'}."


def _name(figure):
    return figure.title[0].lower() + figure.title[1:]


def _floor(figure):
    return "" if figure.floor is None else f" (real data against real data: {format(figure.floor, figure.form)})"


def _beside(entries, by_key, main, first):
    """Where another entry is better by another score."""
    for key in ("recall", "coverage", "precision", "label_accuracy"):
        if (row := by_key.get(key)) and row is not main and (ranked := row.best()):
            other, alike = ranked
            if other != first and first not in alike and row.values[first] is not None:
                yield (f"{entries[other].label} has the better {row.title.lower()} ({row.written(other)} against "
                       f"{row.written(first)}).")
