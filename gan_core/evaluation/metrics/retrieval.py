"""How often words find their picture among others; the model itself says it
(:meth:`gan_core.models.base.GenerativeModel.measured`)."""

from gan_core.evaluation.metrics.base import HIGHER, Family, Score

FAMILY = Family("retrieval", scores=(
    Score("retrieval", "Found by its caption", HIGHER, "Of held-out captions: how often their picture is the first of a "
          "hundred that the model ranks.", place=95, kinds=("captions",), share_of=("n_retrieval",)),))
