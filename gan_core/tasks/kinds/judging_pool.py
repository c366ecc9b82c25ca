"""Judging pool: the images that people judge of a run's last checkpoint, drawn once and kept with the run."""

from gan_core.errors import BadInput
from gan_core.modalities.base import JUDGE, abilities_of
from gan_core.tasks import base


class JudgingPool(base.Task):
    title, interactive, page = "Draw images to judge", True, "judge"
    seconds = 600  # an autoregressive model draws for minutes

    def refuses(self, run, card=None):
        drawn = JUDGE in abilities_of(run.kind)
        return "" if drawn else "Only images have a look to be judged by; choose a run that draws images."

    def run(self, context, config, progress, should_stop):
        from gan_core import data
        from gan_core.evaluation import human
        from gan_core.launch import same_data
        from gan_core.store import judgements
        from gan_core.tasks import checkpoints, sampling

        store, run = context.store, context.run
        held = store.artifacts(run.id)
        weights = checkpoints.version(store, run, checkpoints.resolve(store, run, context.step)[1])
        if judgements.pool(held, checkpoints.whole(store, run)):  # another visitor was first
            return base.Result("drawn already")
        same_data.must_be_there(store, run)
        dataset = data.load(run.spec["data"], size=run.spec["size"], workspace=store.workspace)
        if dataset.spec.shape != run.shape:
            raise BadInput(f"The data {run.data} have changed since the run {run.id} was trained; train it anew.")
        same_data.check(run, dataset)
        samples, _ = sampling.draw(store, run, human.POOL, step=context.step, should_stop=should_stop)
        judgements.keep_pool(held, judgements.Pool(context.step, data.to_uint8(samples), human.some_real(dataset)), weights)
        return base.Result(f"drew {human.POOL} images", {"step": context.step})
