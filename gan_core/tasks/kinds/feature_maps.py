"""Feature maps: what a layer of a network makes of one sample."""

from dataclasses import dataclass

from gan_core.config.knobs import knob
from gan_core.modalities import drawing
from gan_core.tasks import base, subjects


@dataclass(frozen=True, kw_only=True)
class Config(subjects.Subject):
    network: str = knob("generator", group="Layer", help="Name of the network.")
    layer: str = knob("", group="Layer", help="Name of the layer.")


class FeatureMaps(base.Task):
    """Values: figures, see :func:`gan_core.tasks.inspection.picture`.  Files: "maps.png"."""

    title, Config, interactive, page = "Feature maps of a layer", Config, True, "inspect"

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import inspection

        picture, figures = inspection.picture(
            inspection.activation(context.model(), config.network, config.layer, *config.of(context)))
        return base.Result(values=figures, files={"maps.png": drawing.png(picture)})
