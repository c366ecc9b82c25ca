"""Inputs: what a sample of a run is made of, and so what can be chosen when one is drawn."""

from gan_core.tasks import base


class Inputs(base.Task):
    title, interactive = "Inputs of the generator", True

    def run(self, context, config, progress, should_stop):
        return base.Result(values={"inputs": context.model().inputs()})
