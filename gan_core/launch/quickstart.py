"""The first GAN: what the one button on an empty workspace trains."""

from gan_core import data
from gan_core.config.spec import make_spec
from gan_core.models import cards

SIDE = 28  # pixels


def first_spec(workspace):
    """A small conditional GAN on the digits that are here, tuned to be read within two minutes on two CPU cores."""
    name = data.default_dataset()
    info = next(info for info in data.catalogue() if info.name == name)
    # 8 x 8 digits are enlarged: a person reads them more easily, and so, it turns out, does the discriminator.
    spec = info.spec(SIDE)
    cgan = cards.card("cgan", cache=workspace / "cache")
    values = cgan.presets["Quick look"] | {"steps": 1400, "sample_every": 50}
    return make_spec(cgan, name, spec, values, name="My first GAN", size=SIDE, backend="tensorflow")
