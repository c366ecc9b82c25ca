"""Which column of a table is told from the others, after learning from generated rows: light, for whoever asks first."""

from gan_core.errors import BadInput
from gan_core.evaluation import scoring
from gan_core.evaluation.metrics.base import CLASS
from gan_core.modalities.base import modality
from gan_core.models import cards


def check(run, target):
    """BadInput where a column is to be told from the others that this run's data have not, or that has one value."""
    if not target:
        return
    spec = run.read_spec(cards.names())
    if not spec.columns:
        raise BadInput(f"A target is a column of a table, and {run.name} learned {modality(spec.kind).words[1]}; leave it "
                       "out.")
    scoring.check_target(spec.columns, target, spec.classes)


def possible(run) -> tuple[str, ...]:
    """The columns that could be told from the others; none of what is no table."""
    known, found = run.spec.get("columns") or (), []
    try:
        spec = run.read_spec(cards.names()) if known else None
    except BadInput:
        return ()
    for name in () if spec is None else [*([CLASS] if spec.classes else []), *(column.name for column in spec.columns)]:
        try:
            scoring.check_target(spec.columns, name, spec.classes)
            found.append(name)
        except BadInput:
            continue
    return tuple(found)
