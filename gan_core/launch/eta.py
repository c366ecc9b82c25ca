"""How long a run will take, judged by the runs before it."""

import statistics

STARTUP = 12.0  # seconds to import, build and compile
# A guess for a machine that has trained nothing yet: what two CPU cores reached on DCGAN.
FIRST_GUESS = 150e9  # operations per second


def seconds(steps, round_flops, runs, architecture):
    """``(seconds, basis)`` for ``steps`` rounds of ``round_flops`` operations each.

    ``basis`` says what the figure rests on.  ``runs`` are those of the catalogue; each that trained for a while gives
    the operations per second that this machine really made, and runs of the same architecture are the best guide.
    """
    speeds = [(run, run.facts["round_flops"] * run.facts["images_per_second"] / run.knobs["batch_size"])
              for run in runs
              if run.facts.get("round_flops") and run.facts.get("images_per_second") and run.knobs.get("batch_size")]
    same = [speed for run, speed in speeds if run.architecture == architecture]
    if same:
        return _total(steps, round_flops, same), "from runs of this architecture here"
    if speeds:
        return _total(steps, round_flops, [speed for _, speed in speeds]), "from other runs here"
    return _total(steps, round_flops, [FIRST_GUESS]), "a first guess; it gets better with every run"


def _total(steps, round_flops, speeds):
    return STARTUP + steps * round_flops / statistics.median(speeds[:10])


def in_words(seconds):
    """A duration for people: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min"
    return f"{hours / 24:.1f} days"
