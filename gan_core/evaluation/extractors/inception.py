"""The Inception network of the literature's FID, KID and IS, through torch-fidelity: optional, and large.

Only with it are scores comparable to published ones.  2,048 features want more than 2,048 samples in each set, and
weights of 91 MB are fetched when it is first used.
"""

import numpy as np

from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation.extractors.base import ImageExtractor, Offer, by, digest

NAME = "inception"


def extractor(shape):
    """The extractor for images of ``shape`` (H, W, 1 or 3); it resizes them to 299 x 299 itself.

    Raises:
        BadInput: when torch-fidelity is not installed.
        RunFailed: when the weights cannot be fetched.
    """
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError:
        raise BadInput("The inception extractor needs torch-fidelity; install it with `pip install "
                       "'torch-fidelity>=0.4'`, or choose another extractor.") from None
    try:
        network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048", "logits_unbiased"])
    except Exception as error:  # urllib, torch.hub and pickle each have their own way to fail here
        raise RunFailed("The weights of the inception extractor could not be fetched "
                        f"({(str(error).splitlines() or [type(error).__name__])[0]}); connect this machine once, or "
                        "choose another extractor.") from error
    return Inception(network, shape)


def refusal(dataset):
    """Why these images cannot be looked at, "" when they can."""
    shape = dataset.x.shape[1:]
    if shape[-1] in (1, 3):
        return ""
    return f"The inception extractor takes grey or RGB images, not {by(shape)}; choose --extractor random."


class Inception(ImageExtractor):
    classes = 1008  # of the 2015 graph: ImageNet's thousand and eight that nobody uses

    def __init__(self, network, shape):
        weights = [value.cpu().numpy() for _, value in sorted(network.state_dict().items())]
        super().__init__(NAME, digest("torch-fidelity inception-v3-compat 2048", *weights), shape)
        self.network = network

    def batch(self, images):
        import torch

        rgb = np.ascontiguousarray(np.moveaxis(np.broadcast_to(images, (*images.shape[:3], 3)), -1, 1))
        with torch.no_grad():
            features, logits = self.network(torch.from_numpy(rgb))
            return [features.numpy(), torch.softmax(logits, dim=1).numpy()]


EXTRACTOR = Offer(NAME, order=30, refusal=refusal,
                  make=lambda dataset, workspace, progress, should_stop: extractor(dataset.x.shape[1:]))
