"""Whether the data that a run would go on with are those it was trained on."""

from gan_core import data
from gan_core.config.spec import RunSpec
from gan_core.data.identity import Identity, difference
from gan_core.errors import BadInput

KEY = "data"  # of a run's facts: the identity of its data


def load(store, run):
    """The data of a run, as it trains on them.

    Raises:
        BadInput: when they are gone, or others than before.
    """
    spec = RunSpec.from_dict(run.spec)
    must_be_there(store, run)
    dataset = data.load(spec.data, size=spec.size, workspace=store.workspace, held_out=spec.settings.held_out)
    check(run, dataset)
    return dataset


def must_be_there(store, run):
    """BadInput where the data of a run were deleted."""
    if data.described(run.spec["data"], store.workspace) is None:
        sentence = (f"The data {run.data} of the run {run.id} are gone; import them again from what they were made of, with "
                    "the size and the choices of then, and they have that name again.")
        raise BadInput(sentence, {"data": sentence})


def check(run, dataset):
    """BadInput, with what differs, unless a dataset is what a run was trained on, or nobody knows what that was."""
    then = Identity.from_dict(run.facts.get(KEY))
    if then and (what := difference(then, dataset.identity)):
        raise BadInput(f"The data {run.data} are not what the run {run.id} was trained on: {what}. Put them back as they "
                       "were, or say that it is to go on with other data (`resume --other-data`, or on its Monitor).",
                       {"data": f"Not what this run was trained on: {what}."})


def forget(facts):
    """The facts of a run that is to go on with other data: what it was trained on before is kept apart."""
    if not facts.get(KEY):
        return facts
    return facts | {KEY: None, "data_before": [*facts.get("data_before", ()), facts[KEY]]}
