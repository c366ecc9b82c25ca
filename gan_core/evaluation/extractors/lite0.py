"""EfficientNet-lite0, which knows ImageNet: features of what is to be seen, for photographs that nobody has labelled.

Small images are enlarged first, since the network was made for large ones; grey ones become three equal channels.  The
means of three of its stages: early ones see noise and blur, late ones what the things are.
"""

from gan_core.evaluation.extractors.base import KerasExtractor, Offer, by, compile_options
from gan_core.modalities.base import PICTURE, abilities_of
from gan_core.pretrained import lite

NAME = "lite0"
SIDE = 128  # pixels of the shorter side, at least
TAPS = {"stage2": 3.3, "stage4": 2.7, "stage6": 2.3}  # with their root mean square on photographs: each counts as much
RECIPE = "lite0 1: bilinear to {} pixels at least, means over {}"


def extractor(shape, workspace=None, name=NAME, side=SIDE):
    """The extractor for images of ``shape`` (H, W, 1 or 3): 472 features.

    Args:
        workspace: in whose cache the weights are kept.
        name: of the network, of those of :mod:`gan_core.pretrained.lite`.
        side: pixels of the shorter side, to which smaller images are enlarged.

    Raises:
        BadInput: where the network's package is missing or damaged.
    """
    import keras
    from keras import layers

    weights = lite.arrays(name, workspace and f"{workspace}/cache")
    image = x = keras.Input(shape, name="image")
    if shape[-1] == 1:
        x = layers.Concatenate()([x, x, x])
    height, width = shape[:2]
    if min(height, width) < side:
        larger = side / min(height, width)
        x = layers.Resizing(round(height * larger), round(width * larger), interpolation="bilinear")(x)
    stages = lite.network(name, x.shape[1:], weights, tuple(TAPS))(x)
    means = [layers.Rescaling(1 / usual)(layers.GlobalAveragePooling2D()(stage))
             for stage, usual in zip(stages, TAPS.values())]
    network = keras.Model(image, layers.Concatenate()(means), name=name)
    network.compile(**compile_options())
    return KerasExtractor(name, network, f"{RECIPE.format(side, TAPS)}, for {by(shape)}")


def offer(name, title, order, **more):
    """The :class:`Offer` of one of the networks."""
    def refusal(dataset):
        shape = dataset.x.shape[1:]
        if shape[-1] not in (1, 3):
            return f"The extractor {name} takes grey or RGB images, not {by(shape)}; choose --extractor random."
        return lite.missing(name)

    return Offer(name, title=title, order=order, refusal=refusal,
                 stands_in=lambda dataset: PICTURE in abilities_of(dataset.kind) and dataset.x.shape[-1] == 3,
                 make=lambda dataset, workspace, progress, should_stop: extractor(dataset.x.shape[1:], workspace, name),
                 **more)


EXTRACTOR = offer(NAME, "EfficientNet-lite0", 16)
