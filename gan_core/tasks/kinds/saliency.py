"""Saliency: one sample, and what the network that judges it looks at."""

from gan_core.modalities import drawing
from gan_core.modalities.base import HEAT, modality
from gan_core.tasks import base, subjects


class Saliency(base.Task):
    """Values: "label" (None without), and where there is a network that judges "logit" and "slopes": the largest
    |d logit / d pixel|, or one for each coordinate, which "along" names; "named" and "sure", the class that a model which
    names samples holds for the most probable, and how probable.  Files: the sample, and of images "heat.png"."""

    title, Config, interactive, page = "Saliency of the network that judges", subjects.Subject, True, "inspect"

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import inspection

        model = context.model()
        samples, batch = config.of(context)
        kind, saliency = modality(model.data.kind), inspection.saliency(model, samples, batch)
        portrait, along = kind.portrait(samples, model.data), kind.axes(model.data)
        values = {"label": int(batch["label"][0]) if "label" in batch else None, "along": along}
        if (answer := model.answered(samples[:1])) is not None:
            values |= {"named": int(answer[0].argmax()), "sure": float(answer[0].max())}
        files = {f"sample{portrait.suffix}": portrait.data}
        if saliency is not None:
            logit, slopes = saliency
            values |= {"logit": logit, "slopes": [float(slope) for slope in slopes] if along else [float(slopes.max())]}
            if HEAT in kind.abilities:
                files["heat.png"] = drawing.png(drawing.heat(samples[0], slopes.max(axis=-1)))
        return base.Result(values=values, files=files)
