"""What each score is called and which way is better: for tables, on the command line and on pages."""

from gan_core.evaluation import baselines, metrics
from gan_core.evaluation.metrics import bits
from gan_core.evaluation.metrics.base import HIGHER, LOWER, NEARER

SCORES = metrics.scores()
# What else is scored in the same way, by the end of its keys.
BASELINES = {f"_{name}": title for methods in (baselines.METHODS, *(family.baselines for family in metrics.families()))
             for name, (title, _) in methods.items()} | {f"_{name}": name.capitalize() for name in bits.BESIDE}


def only(scores, kind):
    """A dict of scores without those that mean nothing for samples of a modality, their spreads and floors."""
    others = [score for score in SCORES if score.key not in kind.scores and kind.name not in score.kinds]
    spreads, suffixes = {score.spread for score in others} - {""}, ("", "_floor", "_at_floor_counts", *BASELINES)
    return {name: value for name, value in scores.items() if name not in spreads
            and not any(name == score.key + suffix for score in others for suffix in suffixes)}


BETTER = {LOWER: "lower is better", HIGHER: "higher is better", NEARER: "nearer to real is better"}


def explained(keys):
    """Sentences on those scores of which neither more nor less is better: what their values mean."""
    return [f"{score.title}: {score.help[:1].lower()}{score.help[1:]}" for score in SCORES
            if score.key in keys and not score.better]


def in_words(scores):
    """Sentences of the families of scores on what a dict of them means, where numbers alone mislead."""
    return [said for family in metrics.families() if (said := family.words(scores))]


def recognition(scores):
    """What generated samples are worth to a classifier: ``[(trained on, images, accuracy, difference to real), ...]``."""
    generated, real = scores["n_tstr_generated"], scores["n_tstr_real"]
    alone = scores["tstr_accuracy_floor"]
    rows = [("real", real, alone), ("real and generated", real + generated, scores["augmented_accuracy"]),
            ("generated", generated, scores["tstr_accuracy"])]
    return [(*row, row[-1] - alone) for row in rows]


def recognition_in_words(scores):
    """The same in a sentence, and how much of a difference may be chance."""
    (_, n_real, real, _), (_, _, _, both), (_, n_generated, _, generated) = recognition(scores)
    chance = chance_of(real, scores["n_tstr_test"])
    verdict = (f"adding {n_generated:,} generated ones makes it {_points(both)}" if abs(both) > chance else
               f"adding {n_generated:,} generated ones changes that by no more than chance does ({_points(both)})")
    return (f"Trained on {n_real:,} real images, a classifier names {100 * real:.1f} % of {scores['n_tstr_test']:,} real "
            f"test images rightly; {verdict}, and generated ones alone make it {_points(generated)}. Differences up to "
            f"{100 * chance:.1f} points may be chance.")


def chance_of(accuracy, n):
    """Two standard errors of the difference of two accuracies of about this one, each on ``n`` images; at least that of
    one image."""
    return max(2 * (2 * accuracy * (1 - accuracy) / n) ** 0.5, 1 / n)


def _points(difference):
    return f"{100 * abs(difference):.1f} points {'better' if difference > 0 else 'worse'}"


def _plain(value):
    return "" if value is None else format(value, ".4g")


MOST = 30  # classes that have a line each


def _of_classes(scores):
    """A line for each class, those of which least is named rightly first: its share, and how many there were."""
    rows = [(share, name, sum(counts)) for share, name, counts in zip(scores["class_recall"], scores["classes"],
                                                                     scores["confusion"]) if share is not None]
    for share, name, count in sorted(rows)[:MOST]:
        yield f"  {name:<30} {share:>8.1%} of {count:,}"
    if len(rows) > MOST:
        yield f"  and {len(rows) - MOST:,} classes that are named better."


def as_text(scores):
    """The lines of a table of a dict of scores, then its notes."""
    beside = {suffix: title for suffix, title in BASELINES.items() if any(name.endswith(suffix) for name in scores)}
    yield f"{'':<22}{'score':>12}{'':>12}{'real samples':>14}{''.join(f'{title:>22}' for title in beside.values())}"
    for score in SCORES:
        if score.key in scores:
            spread = f"± {scores[score.spread]:.4g}" if score.spread in scores else ""
            floor = scores.get(f"{score.key}_floor")
            better = f"   {BETTER[score.better]}" if score.better else ""
            yield (f"{score.title:<22}{scores[score.key]:>12.4g}{spread:>12}"
                   f"{'' if floor is None else format(floor, '.4g'):>14}"
                   f"{''.join(f'{_plain(scores.get(score.key + suffix)):>22}' for suffix in beside)}{better}")
    yield from explained(scores)
    if "confusion" in scores:
        yield f"{scores['n_fake']:,} real samples, by their true classes."
        yield from _of_classes(scores)
        yield from scores["notes"]
        return
    if scores.get("judges"):  # and makes nothing that could be compared
        yield from scores["notes"]
        return
    if scores.get("target"):
        yield f"The column that is told from the others is {scores['target']}."
    yield from in_words(scores)
    fake, real = ("?" if scores[key] is None else f"{scores[key]:,}" for key in ("n_fake", "n_real"))  # statistics have none
    yield f"{fake} generated against {real} real samples, extractor {scores['extractor']}."
    if "n_fake_floor" in scores and (scores["n_real_floor"], scores["n_fake_floor"]) != (scores["n_real"], scores["n_fake"]):
        yield f"Real samples against each other: {scores['n_fake_floor']:,} against {scores['n_real_floor']:,}."
        again = [f"{score.title} {scores[key]:.4g}" for score in SCORES if (key := score.key + "_at_floor_counts") in scores]
        if again:
            yield f"With as many generated ones, to compare with them: {', '.join(again)}."
    if "tstr_accuracy" in scores:
        yield recognition_in_words(scores)
    yield from scores["notes"]
