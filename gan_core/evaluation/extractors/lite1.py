"""EfficientNet-lite1: as lite0, with other weights, for runs that were trained by lite0's features.

Nothing here trains by it, so it watches all runs on colour images, and they can be compared.
"""

from gan_core.evaluation.extractors import lite0

NAME = "lite1"
QUICK_SIDE = 64  # pixels: a quarter of the operations
EXTRACTOR = lite0.offer(NAME, "EfficientNet-lite1", 17,
                        quick=lambda dataset: lite0.extractor(dataset.x.shape[1:], name=NAME, side=QUICK_SIDE))
