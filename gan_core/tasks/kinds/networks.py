"""Networks: those of a run, layer by layer."""

from gan_core.tasks import base


class Networks(base.Task):
    title, interactive, page = "Networks, layer by layer", True, "inspect"

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import inspection

        return base.Result(values={"networks": inspection.networks(context.model())})
