"""Training data: how many samples a run has learned from."""

from gan_core.tasks import base


class TrainingData(base.Task):
    title, interactive = "Size of the training data", True
    seconds = 300  # many images of one's own may have to be decoded

    def run(self, context, config, progress, should_stop):
        return base.Result(values={"count": len(context.dataset())})
