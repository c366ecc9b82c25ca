"""Scores of generated samples: one file a score, or a family that shares its work; features in, numbers out.  NumPy
alone, and scikit-learn where something has to be taught.

A file whose ``FAMILY`` says what it adds (:class:`gan_core.evaluation.metrics.base.Family`) is found by itself: tables, and
what is computed, follow.  ``evaluate_features`` computes all that apply, each beside what real data score against real data.
"""

from gan_core.evaluation.metrics.classifier_score import classifier_score
from gan_core.evaluation.metrics.columns import category_distance, number_distance
from gan_core.evaluation.metrics.copying import authenticity, copy_test, nearest_neighbours
from gan_core.evaluation.metrics.density_coverage import density_coverage
from gan_core.evaluation.metrics.evaluate import evaluate_features
from gan_core.evaluation.metrics.frechet import frechet_distance
from gan_core.evaluation.metrics.kernel import kernel_distance
from gan_core.evaluation.metrics.modes import class_histogram_report, mode_report
from gan_core.evaluation.metrics.paired import l1, psnr, ssim
from gan_core.evaluation.metrics.prc import precision_recall
from gan_core.evaluation.metrics.registry import broken, families, scores
from gan_core.evaluation.metrics.vendi import vendi_score

__all__ = ["authenticity", "broken", "category_distance", "class_histogram_report", "classifier_score", "copy_test",
           "density_coverage", "evaluate_features", "families", "frechet_distance", "kernel_distance", "mode_report",
           "l1", "nearest_neighbours", "number_distance", "precision_recall", "psnr", "scores", "ssim", "vendi_score"]
