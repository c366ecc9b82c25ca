"""Saliency: one sample, and what the discriminator looks at."""

from gan_core.data import IMAGES
from gan_core.modalities import drawing
from gan_core.tasks import base, subjects


class Saliency(base.Task):
    """Values: "label" (None without), and where there is a discriminator "logit" and "slopes": the largest
    |d logit / d pixel|, or one for each coordinate.  Files: "sample.png", and of images "heat.png"."""

    title, Config, interactive, page = "Saliency of the discriminator", subjects.Subject, True, "inspect"

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import inspection

        model = context.model()
        samples, batch = config.of(context)
        images, found = model.data.kind == IMAGES, inspection.saliency(model, samples, batch)
        values = {"label": int(batch["label"][0]) if "label" in batch else None}
        files = {"sample.png": drawing.png(drawing.one(samples[0]) if images
                                           else drawing.scatter(samples[:1], samples, side=280))}
        if found is not None:
            logit, slopes = found
            values |= {"logit": logit, "slopes": [float(slopes.max())] if images else [float(each) for each in slopes]}
            if images:
                files["heat.png"] = drawing.png(drawing.heat(samples[0], slopes.max(axis=-1)))
        return base.Result(values=values, files=files)
