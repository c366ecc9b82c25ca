"""What each score is called and which way is better: for tables, on the command line and on pages."""

from typing import NamedTuple

LOWER, HIGHER = "lower", "higher"
NEARER = "nearer"  # to the floor, on either side: more than real samples have is as wrong as less


class Score(NamedTuple):
    """One number of :func:`gan_core.evaluation.scoring.score`: ``spread`` is the key of its standard deviation, if it has
    one, and ``better`` is "lower", "higher", "nearer" to what real samples score, or "" where none is."""

    key: str
    title: str
    better: str
    help: str
    spread: str = ""


SCORES = (
    Score("kernel", "Kernel distance", LOWER, "Unbiased MMD² with a cubic kernel, mean over subsets (KID).",
          "kernel_std"),
    Score("frechet", "Fréchet distance", LOWER, "Between Gaussians fitted to the features (FID); depends on counts."),
    Score("classifier_score", "Classifier score", HIGHER, "How sure and how varied a classifier's answers are (IS).",
          "classifier_score_std"),
    Score("precision", "Precision", HIGHER, "Share of generated samples that look real."),
    Score("recall", "Recall", HIGHER, "Share of real samples that could have been generated."),
    # Above 1 where samples crowd in the middle of the real ones, which costs variety.
    Score("density", "Density", NEARER, "Precision that bears outliers; about 1 for real samples."),
    Score("coverage", "Coverage", HIGHER, "Share of real samples with a generated one near by."),
    # Noise has more of it than any data.
    Score("vendi", "Vendi score", NEARER, "Effective number of different samples; it knows no real ones."),
    Score("label_accuracy", "Label accuracy", HIGHER, "Share of samples taken for the class they were to be."),
    Score("modes_captured", "Modes captured", HIGHER, "Modes found: Gaussians with a sample within 3 sigma, or digit "
          "triples that a classifier saw."),
    Score("high_quality", "High quality", HIGHER, "Share of samples within 3 sigma of a centre."),
    Score("reverse_kl", "Reverse KL", LOWER, "How unevenly samples are spread over the modes, in nats."),
    # Ranks nobody: the worse samples are, the farther they are from all training samples, and who mixes poor ones with
    # copies scores what real ones do.  It tells of copying where it is far below the floor, and of nothing else.
    Score("authenticity", "Authenticity", "", "Share of samples that sit on no training sample; far below that of real "
          "ones for copies, above it for poor samples."),
    Score("copy_test", "Copy test", "", "About 0 for new samples, below -3 for copies, far above 0 for poor ones."),
    Score("column_distance", "Column distance", LOWER, "Of the distributions of each column of a table, their mean: 0 for "
          "equal ones, 1 for ones that have nothing in common."),
    Score("psnr", "PSNR (dB)", HIGHER, "Of held-out images and their reconstructions: how near each pixel is."),
    Score("ssim", "SSIM", HIGHER, "Of held-out images and their reconstructions: how alike their structure is; 1 is equal."),
    Score("tstr_accuracy", "Trained on generated", HIGHER, "Accuracy on real samples after training on generated ones; "
          "the floor was trained on as many real ones."),
    Score("augmented_accuracy", "Trained on both", HIGHER, "Accuracy on real samples after training on real and "
          "generated ones."),
)


def only(found, keys):
    """A dict of scores without those that are not among ``keys``, their spreads and floors."""
    known = [score.key for score in SCORES if score.key not in keys]
    spreads = {score.spread for score in SCORES if score.key not in keys} - {""}
    return {name: value for name, value in found.items() if name not in spreads
            and not any(name == key or name in (f"{key}_floor", f"{key}_at_floor_counts") for key in known)}


BETTER = {LOWER: "lower is better", HIGHER: "higher is better", NEARER: "nearer to real is better"}


def recognition(found):
    """What generated samples are worth to a classifier: ``[(trained on, images, accuracy, difference to real), ...]``."""
    generated, real = found["n_tstr_generated"], found["n_tstr_real"]
    alone = found["tstr_accuracy_floor"]
    rows = [("real", real, alone), ("real and generated", real + generated, found["augmented_accuracy"]),
            ("generated", generated, found["tstr_accuracy"])]
    return [(*row, row[-1] - alone) for row in rows]


def recognition_in_words(found):
    """The same in a sentence, and how much of a difference may be chance."""
    (_, n_real, real, _), (_, _, _, both), (_, n_generated, _, generated) = recognition(found)
    chance = chance_of(real, found["n_tstr_test"])
    verdict = (f"adding {n_generated:,} generated ones makes it {_points(both)}" if abs(both) > chance else
               f"adding {n_generated:,} generated ones changes that by no more than chance does ({_points(both)})")
    return (f"Trained on {n_real:,} real images, a classifier names {100 * real:.1f} % of {found['n_tstr_test']:,} real "
            f"test images rightly; {verdict}, and generated ones alone make it {_points(generated)}. Differences up to "
            f"{100 * chance:.1f} points may be chance.")


def chance_of(accuracy, n):
    """Two standard errors of the difference of two accuracies of about this one, each on ``n`` images; at least that of
    one image."""
    return max(2 * (2 * accuracy * (1 - accuracy) / n) ** 0.5, 1 / n)


def _points(difference):
    return f"{100 * abs(difference):.1f} points {'better' if difference > 0 else 'worse'}"


def as_text(found):
    """The lines of a table of a dict of scores, then its notes."""
    yield f"{'':<22}{'score':>12}{'':>12}{'real samples':>14}"
    for score in SCORES:
        if score.key in found:
            spread = f"± {found[score.spread]:.4g}" if score.spread in found else ""
            floor = found.get(f"{score.key}_floor")
            better = f"   {BETTER[score.better]}" if score.better else ""
            yield (f"{score.title:<22}{found[score.key]:>12.4g}{spread:>12}"
                   f"{'' if floor is None else format(floor, '.4g'):>14}{better}")
    yield f"{found['n_fake']:,} generated against {found['n_real']:,} real samples, extractor {found['extractor']}."
    if "n_fake_floor" in found and (found["n_real_floor"], found["n_fake_floor"]) != (found["n_real"], found["n_fake"]):
        yield f"Real samples against each other: {found['n_fake_floor']:,} against {found['n_real_floor']:,}."
        again = [f"{score.title} {found[key]:.4g}" for score in SCORES if (key := score.key + "_at_floor_counts") in found]
        if again:
            yield f"With as many generated ones, to compare with them: {', '.join(again)}."
    if "tstr_accuracy" in found:
        yield recognition_in_words(found)
    yield from found["notes"]
