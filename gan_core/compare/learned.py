"""What runs learned: whether two of them learned the same."""


def learned(run):
    """The name by which a run knows its data, and the shape of a sample: a size that is asked for may be the data's own."""
    return run.data, run.shape


def told_apart(runs):
    """What each of some runs learned, as a function of a run: two of the same can be ranked.

    It is the identity of the data, a hash of their content.  Runs of older versions do not tell theirs: one is taken for
    what the only identity of its name and shape is.
    """
    known = {}
    for run in runs:
        if identity := run.facts.get("data"):
            known.setdefault(learned(run), set()).add(identity["hash"])

    def which(run):
        if identity := run.facts.get("data"):
            return identity["hash"]
        hashes = known.get(learned(run), set())
        return next(iter(hashes)) if len(hashes) == 1 else learned(run)

    return which
