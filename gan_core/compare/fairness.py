"""What makes entries hard to compare, in sentences: other data, other budgets, how runs ended, scores of old weights."""

from gan_core.compare.curves import samples_of
from gan_core.compare.learned import told_apart
from gan_core.modalities.base import word_for
from gan_core.store import ACTIVE, DIVERGED, FAILED, FINISHED, LOST, QUEUED, STOPPED, lineage

NEAR = {"steps": 1.02, "seen": 1.02, "time": 1.15}  # ratios up to which budgets count as equal; seconds are rough
ENDS = {DIVERGED: "diverged", FAILED: "failed", LOST: "ended without a word", STOPPED: "was stopped"}
WAITS = {QUEUED: "has not begun", **dict.fromkeys(ACTIVE, "goes on")}


def rankable(entries):
    which = told_apart([run for entry in entries for run in entry.runs])
    runs = [run for entry in entries for run in entry.runs]
    return len({(which(run), run.kind) for run in runs}) == 1 and not any(run.elsewhere for run in runs)


def unfair(entries):
    """Sentences on what makes the entries hard to compare; none when nothing does."""
    said = []
    theirs = [entry.letter for entry in entries if entry.run.elsewhere]
    if theirs:
        said.append(f"{_listed(theirs)} {'was' if len(theirs) == 1 else 'were'} made elsewhere, and what {_they(theirs)} "
                    "learned is not known here: nothing is ranked.")
    elif not rankable(entries):
        for words, of in (("different data", lambda run: run.data),
                          ("different kinds of samples", lambda run: word_for([run.kind])),
                          ("samples of different sizes", lambda run: " x ".join(map(str, run.shape)))):
            values = {entry.letter: of(entry.run) for entry in entries}
            if len(set(values.values())) > 1:
                listed = ", ".join(f"{letter} {value}" for letter, value in values.items())
                said.append(f"These runs have {words} ({listed}): their scores cannot be ranked.")
        if not said:
            said.append(f"These runs learned data of one name, {entries[0].run.data}, and of different content: their "
                        "scores cannot be ranked.")
    said += _budget(entries)
    if len({len(entry.runs) for entry in entries}) > 1:
        listed = ", ".join(f"{entry.letter} {len(entry.runs)}" for entry in entries)
        said.append(f"They have different numbers of seeds ({listed}): the spread of some is known better.")
    for entry in entries:
        seeds = [run.spec["settings"]["seed"] for run in entry.runs]
        if len(set(seeds)) < len(seeds):
            said.append(f"Some runs of {entry.letter} have the same seed and spread less than as many seeds would.")
    return said + _forks(entries) + _endings(entries)


def _forks(entries):
    """A sentence on each entry that did not begin with nothing: what it goes on with was learned under other settings."""
    said = []
    for entry in entries:
        if parent := lineage.parent_of(entry.run):
            said.append(f"{entry.letter} is a fork: it began at step {parent.step:,} of the run {parent.id} (changed: "
                        f"{lineage.in_words(parent.changed)}); its steps, samples and minutes count what led there.")
    return said


def _budget(entries):
    """An equal budget is equal in time or in samples seen; of equal steps large batches make more."""
    of = {"steps": (lambda run: run.step, "{:,.0f}"),
          "seen": (lambda run: float(lineage.samples_seen(run, run.step)), "{:,.0f}"),
          "time": (lambda run: run.seconds / 60 + lineage.minutes_before(run), "{:.1f} min")}
    if any(entry.run.elsewhere for entry in entries):  # nobody knows how many samples a step of theirs took
        del of["seen"]
    values = {name: {entry.letter: [get(run) for run in entry.runs] for entry in entries} for name, (get, _) in of.items()}
    equal = {name: _near([budget for many in by_entry.values() for budget in many], NEAR[name])
             for name, by_entry in values.items()}
    if equal["time"] or equal.get("seen"):
        return []
    named = {"seen": f"{samples_of(entries)} seen"}
    differ = [f"in {named.get(name, name)} ("
              + ", ".join(f"{letter} {_range(many, of[name][1])}" for letter, many in by_entry.items())
              + ")" for name, by_entry in values.items() if not equal[name]]
    same = ", though not in steps" if equal["steps"] else ""
    return [f"Their budgets differ {' and '.join(differ)}{same}."]


def _near(values, ratio):
    return max(values) <= ratio * max(min(values), 1e-9)


def _range(values, form):
    """"500", or "300 to 500" of several seeds."""
    low, high = (form.format(pick(values)) for pick in (min, max))
    return low if low == high else f"{low.removesuffix(' min')} to {high}"


def _endings(entries):
    """One sentence on all runs that did not come to their end, each with its entry and its step."""
    listed = []
    for entry in entries:
        for run in entry.runs:
            if run.status != FINISHED:
                words = ENDS.get(run.status) or WAITS[run.status]
                at = "" if run.status == QUEUED else f" at step {run.step:,} of {run.steps:,}"
                listed.append(f"{entry.of(run)} {words}{at}")
    return [f"Not all came to their end: {', '.join(listed)}."] if listed else []


def outdated(entries, scores):
    """A sentence on runs whose score is of another step than their last; ``scores`` is ``{run id: dict of scores}``."""
    old = [f"{entry.of(run)} (step {scores[run.id]['step']:,} of {run.step:,})" for entry in entries for run in entry.runs
           if run.id in scores and scores[run.id]["step"] != run.step]
    return [f"Some scores are not of the last step: {', '.join(old)}; score these runs again."] if old else []


def noises(entries):
    """Sentences on where the sheets of the entries are not drawn from the same noise.

    Which is of :func:`gan_core.models.inputs.sheet_noise`, as the runs recorded it.
    """
    by_entry = {entry.letter: entry.run.facts.get("noise") for entry in entries
                if (entry.run.step or entry.run.facts) and not entry.run.elsewhere}
    unknown = [letter for letter, noise in by_entry.items() if not noise]
    known = {letter: noise for letter, noise in by_entry.items() if noise}
    said = []
    if theirs := [entry.letter for entry in entries if entry.run.elsewhere]:
        said.append(f"What {_listed(theirs)} drew was made elsewhere, from noise of {_their(theirs)} own.")
    if unknown:
        said.append(f"An older version drew the sheets of {' and '.join(unknown)} from noise of {_their(unknown)} own.")
    latents = {letter: noise["latent"] for letter, noise in known.items() if "latent" in noise}
    if len(set(latents.values())) > 1:
        listed = ", ".join(f"{letter} {size}" for letter, size in latents.items())
        said.append(f"A sample takes unequal numbers of random values ({listed}): the same noise is the same in the first "
                    f"{min(latents.values())} of them and goes on by itself.")
    given = [letter for letter, noise in known.items() if not noise.keys() - {"seed"}]
    if given and len(given) < len(known):
        does = "is given pictures and takes" if len(given) == 1 else "are given pictures and take"
        said.append(f"{' and '.join(given)} {does} no noise.")
    if without := [letter for letter in known if letter not in (*latents, *given)] if latents else []:
        said.append(f"{' and '.join(without)} {'is' if len(without) == 1 else 'are'} drawn from another kind of noise, that "
                    "the others have no use for.")
    rows = [letter for letter, noise in known.items() if _by_rows(noise)]
    if rows and len(rows) < len(by_entry):
        said.append(f"Each row of {' and '.join(rows)} is a class, from the noise of the others' first row.")
    return said


def _by_rows(noise):
    return "label" in noise or "code" in noise


def _listed(letters):
    """"A", "A and B", "A, B and C"."""
    return " and ".join(filter(None, [", ".join(letters[:-1]), letters[-1]]))


def _they(letters):
    return "it" if len(letters) == 1 else "they"


def _their(letters):
    return "its" if len(letters) == 1 else "their"
