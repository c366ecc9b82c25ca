"""How alike two images look: the distance of what a network that knows photographs makes of them (Zhang 2018, "The
Unreasonable Effectiveness of Deep Features as a Perceptual Metric").

The paper's LPIPS weighs channels by what people said of pairs; here all weigh alike, which it found nearly as good (table 5,
networks without the linear layer).  So figures are no LPIPS, and are compared with one another alone.
"""

from gan_core.pretrained import lite

NETWORK = "lite0"
TAPS = ("stage0", "stage1", "stage2", "stage4")  # of a half to a sixteenth of the image's side
SIDE = 128  # pixels of the shorter side, at least
LOOKERS = ("lite0", "vgg19")  # networks by which a distance can be had


def looker(name, shape):
    """The distance by a network of :data:`LOOKERS`, of images of a shape (H, W, C).

    Raises:
        BadInput: where its weights cannot be had.
    """
    if name == NETWORK:
        return Perceptual(shape)
    from gan_core.pretrained import vgg19

    return vgg19.Perceptual(shape)


class Perceptual:
    """``distance(images, others)``, a tensor (N,), of images (N, H, W, 1 or 3) in [-1, 1]; 0 for equal ones, at most 2.

    Each pixel of each map is a direction, whatever its length; the mean squared distance between two directions, the mean
    over the maps.  Gradients pass through to both sides, and nothing of it moves: it can be part of a loss.

    Args:
        shape: (H, W, C) of an image.
        cache: a folder in which the weights are kept, or None.
        side: pixels to which smaller images are enlarged.

    Raises:
        BadInput: where the network's package is missing or damaged.
    """

    def __init__(self, shape, cache=None, side=SIDE):
        height, width, _ = shape
        larger = max(side / min(height, width), 1)
        self.size = round(height * larger), round(width * larger)
        self.network = lite.network(NETWORK, (*self.size, 3), lite.arrays(NETWORK, cache), TAPS)

    def features(self, images):
        """What two images are compared by: a list of maps of directions, which can be kept of an image that stays."""
        from keras import ops

        images = ops.cast(images, "float32")
        if images.shape[-1] == 1:
            images = ops.repeat(images, 3, axis=-1)
        if tuple(images.shape[1:3]) != self.size:
            images = ops.image.resize(images, self.size, interpolation="bilinear", data_format="channels_last")
        # Within the root, or the gradient of a pixel without features is not a number.
        return [maps * ops.rsqrt(ops.sum(ops.square(maps), axis=-1, keepdims=True) + 1e-10)
                for maps in self.network(images, training=False)]

    def between(self, features, others):
        """The distance, (N,), of two that :meth:`features` gave."""
        from keras import ops

        return sum(ops.mean(ops.sum(ops.square(one - other), axis=-1), axis=(1, 2))
                   for one, other in zip(features, others)) / len(TAPS)

    def __call__(self, images, others):
        return self.between(self.features(images), self.features(others))
