"""What is compared: recipes, each with the runs that followed it."""

from dataclasses import dataclass

from gan_core.compare.learned import told_apart
from gan_core.store import Run, lineage

# Settings that say how a run is watched or which luck it had, not what it is.
NOT_RECIPE = {"seed", "sample_every", "checkpoint_seconds", "held_out"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Entry:
    """One recipe: an architecture on data with its settings, and its runs, which differ in their seed alone.

    ``letter`` is its mark in charts and tables, ``title`` tells it from the other entries.
    """

    letter: str
    title: str
    runs: tuple[Run, ...]

    @property
    def run(self):
        """The run that stands for the entry where one picture must do: the first seed."""
        return min(self.runs, key=lambda run: run.spec["settings"]["seed"])

    @property
    def label(self):
        return f"{self.letter} · {self.title}"

    def of(self, run):
        """What to call one of its runs: the letter, and the seed where there are several."""
        return self.letter if len(self.runs) == 1 else f"{self.letter} (seed {run.spec['settings']['seed']})"


def recipe(run):
    """What decides a run's result but for luck: ``{name: value}``."""
    settings = {name: value for name, value in run.settings.items() if name not in NOT_RECIPE}
    # Of a run that was made elsewhere nobody knows what decided it; of one name they are repeats.
    named = {"name": run.name} if run.elsewhere else {}
    parent = lineage.parent_of(run)
    return {"architecture": run.architecture, **named, "data": run.data, "size": run.spec.get("size"),
            "backend": run.spec.get("backend"), **settings, **run.knobs,
            **({"begins_at_step": parent.step} if parent else {})}


def entries(runs):
    """Runs -> entries, in the order in which their first runs come."""
    groups, which = {}, told_apart(runs)
    for run in runs:
        what = recipe(run) | {"data": which(run), "before": _settings_before(run)}  # data by content, and not by name
        key = tuple(sorted((name, str(value)) for name, value in what.items()))
        groups.setdefault(key, []).append(run)
    titles = _titles([group[0] for group in groups.values()])
    return [Entry(LETTERS[i % 26] + ("" if i < 26 else str(i // 26)), title, tuple(group))
            for i, (title, group) in enumerate(zip(titles, groups.values()))]


def _settings_before(run):
    """What a fork has changed, and from what: two that come from unequal runs to equal settings are no seeds of one."""
    parent = lineage.parent_of(run)
    return sorted((name, pair) for name, pair in parent.changed.items() if name not in NOT_RECIPE) if parent else []


def _titles(firsts):
    """The architecture; and where that does not tell, what differs among those of the same architecture."""
    titles = []
    for run in firsts:
        if run.elsewhere:
            titles.append(f"{run.name} ({run.architecture})")
            continue
        alike = [other for other in firsts if other.architecture == run.architecture]
        mine, apart = recipe(run), ""
        names = [name for name in mine if len({str(recipe(other).get(name)) for other in alike}) > 1]
        if names:
            apart = " (" + ", ".join(_short(name.replace("_", " "), mine[name]) for name in names[:3]) + ")"
        titles.append(run.architecture + apart)
    return titles


def _short(name, value):
    if value is None:  # a size, of data in theirs
        return f"own {name}"
    return f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"


def differing(compared):
    """Settings of the entries: ``[(name, [value of each entry or None], whether they differ)]``, differing first."""
    recipes = [recipe(entry.run) for entry in compared]
    names = list(dict.fromkeys(name for settings in recipes for name in settings))
    rows = [(name, [settings.get(name) for settings in recipes]) for name in names]
    rows = [(name, values, len({str(value) for value in values}) > 1) for name, values in rows]
    return sorted(rows, key=lambda row: not row[2])
