"""What a network that knows photographs makes of images on its way: maps of four sizes, by which discriminators can judge
(Sauer 2021, "Projected GANs Converge Faster", section 3)."""

from gan_core.pretrained import lite

NETWORK = "lite0"  # scores by the same network would flatter who learns by it (Kynkaanniemi 2023)
# The last maps of four sizes, of a quarter to a thirty-second of the image's side, with their root mean square on
# photographs.
COARSEST = 32  # times smaller than the image is the last map
TAPS = {"stage1": 8.5, "stage2": 7.7, "stage4": 6.2, "stage6": 2.8}


class Seen:
    """What the frozen network makes of images: ``seen(images)`` gives its maps, each of a mean square of about 1.

    No part of a model: it never moves, and a checkpoint need not keep it.  Gradients pass through to the images.  In single
    precision: on two CPU cores, back through the depthwise convolutions took 83 ms so, and 137 in bfloat16.

    Args:
        shape: (H, W, 1 or 3) of the images.
        side: pixels to which the images are enlarged, unless they are larger; the next multiple of 32.

    Raises:
        BadInput: where the network's package is missing or damaged.
    """

    def __init__(self, shape, side):
        self.side = -(-max(side, *shape[:2]) // COARSEST) * COARSEST
        self.network = lite.network(NETWORK, (self.side, self.side, 3), lite.arrays(NETWORK), tuple(TAPS))
        self.shapes = [maps.shape[1:] for maps in self.network.outputs]

    def __call__(self, images):
        from keras import ops

        images = ops.cast(images, "float32")
        if images.shape[-1] == 1:
            images = ops.repeat(images, 3, axis=-1)
        if images.shape[1] != self.side:
            images = ops.image.resize(images, (self.side, self.side), interpolation="bilinear",
                                      data_format="channels_last")
        return [maps / usual for maps, usual in zip(self.network(images, training=False), TAPS.values())]
