"""How much of a codebook an autoencoder makes use of; the model itself says it
(:meth:`gan_core.models.base.GenerativeModel.measured`)."""

from gan_core.evaluation.metrics.base import HIGHER, Family, Score

FAMILY = Family("codebook", scores=(
    Score("code_perplexity", "Codes in use", HIGHER, "Of held-out images: the perplexity of their codes, which is the "
          "number of codes when all are alike often.", place=176, kinds=("images", "captions")),))
