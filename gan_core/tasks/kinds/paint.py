"""Paint: a picture in the style of another, or of two, at once, by a run that has learned it."""

import base64
import binascii
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.tasks import base

GROUP, SIDE = "Paint", 384
ELSE = "This run does not take a content and a style; choose one of AdaIN."


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    content: str = knob("", group=GROUP, help="A picture, a file of any usual format, in base64.")
    style: str = knob("", group=GROUP, help="The same of the picture in whose style it is to be.")
    other: str = knob("", group=GROUP, help="Another style, to be mixed in.")
    share: float = knob(0.0, low=0.0, high=1.0, group=GROUP, help="How much of the other style.")
    strength: float = knob(1.0, low=0.0, high=1.0, group=GROUP, help="0 leaves the content as it is.")


class Paint(base.Task):
    """Files: "picture.png"."""

    title, Config, interactive, page = "Paint at once", Config, True, "restyle"

    def refuses(self, run, card=None):
        return ELSE if card is not None and not paints(card) else ""

    def check(self, store, run, config):
        if not (config.content and config.style):
            raise BadInput("Give a content and a style.")

    def run(self, context, config, progress, should_stop):
        import numpy as np

        from gan_core.tasks import translating

        model = context.model(exact=True)
        if not hasattr(model, "painted"):
            raise BadInput(ELSE)
        channels = model.data.shape[-1]
        content, style = (_image(_decoded(text), channels, name) for text, name in (
            (config.content, "The content"), (config.style, "The style")))
        styles = [(style, 1.0 - config.share)]
        if config.other and config.share:
            styles.append((_image(_decoded(config.other), channels, "The other style"), config.share))
        styles = [(image, share) for image, share in styles if share > 0]
        made = translating.finite(model.painted(content, styles, config.strength))[0]
        return base.Result("painted", {}, {"picture.png": translating.as_png(translating.as_picture(
            np.clip(np.rint((made + 1) * 127.5), 0, 255).astype(np.uint8)))})


def paints(card):
    """Whether an architecture paints, by what its samples are made of."""
    return {"content", "style"} <= {each["name"] for each in card.inputs}


def _decoded(text):
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise BadInput("The pictures could not be read; send them again.") from None


def _image(content, channels, name):
    """A picture (1, H, W, C) in [-1, 1] of at most :data:`SIDE` pixels a side, which are multiples of 4."""
    import numpy as np
    from PIL import Image

    from gan_core.data import to_float
    from gan_core.data.one_picture import opened
    from gan_core.tasks import translating

    picture = opened(content, name)
    by = min(1.0, SIDE / max(picture.size))
    size = [max(8, round(length * by / 4) * 4) for length in picture.size]
    pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
    return to_float(np.ascontiguousarray(translating.of_channels(pixels, channels)))[None]
