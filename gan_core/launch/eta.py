"""How long a run will take, judged by the runs before it."""

import statistics

STARTUP = 12.0  # seconds to import, build and compile
# A guess for a machine that has trained nothing yet: what two CPU cores reached on DCGAN.
FIRST_GUESS = 150e9  # operations per second


# Runs of operations within this factor say how fast others are.  Far smaller ones are bound by what each step costs
# whatever it computes: a network of a table's size makes a hundredth of the operations per second that a DCGAN makes.
ALIKE = 10


def seconds(steps, round_flops, runs, architecture, kind):
    """``(seconds, basis)`` for ``steps`` rounds of ``round_flops`` operations each, of an ``architecture`` on a ``kind`` of
    data.

    ``basis`` is a sentence on what the figure rests on.  ``runs`` are those of the catalogue; each that trained for a while
    gives the operations per second that this machine really made.  The best guides are runs of the same architecture that
    take about as many operations a step, then others of it on data of the same kind, then any run of about as many.
    """
    speeds = [(run, run.facts["round_flops"] * run.facts["images_per_second"] / run.number("batch_size", 0))
              for run in runs
              if run.facts.get("round_flops") and run.facts.get("images_per_second") and run.number("batch_size", 0) > 0]
    alike = [(run, speed) for run, speed in speeds if 1 / ALIKE <= run.facts["round_flops"] / round_flops <= ALIKE]
    same = ([speed for run, speed in alike if run.architecture == architecture]
            or [speed for run, speed in speeds if run.architecture == architecture and run.data_kind == kind])
    if same:
        return _total(steps, round_flops, same), "Judged from runs of this architecture here."
    if alike:
        return _total(steps, round_flops, [speed for _, speed in alike]), "Judged from runs of about this size here."
    return _total(steps, round_flops, [FIRST_GUESS]), "A first guess; it gets better with every run."


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
