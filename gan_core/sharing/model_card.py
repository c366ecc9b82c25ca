"""The card that travels with an exported model, as the Hugging Face Hub reads it."""

from gan_core.data import ANSWERS, IMAGES
from gan_core.evaluation import score_names
from gan_core.sharing import facts
from gan_core.sharing.readme import front_matter, plain, table

PIPELINES = {IMAGES: "unconditional-image-generation", ANSWERS: "image-classification"}


def made(store, run, card, step, *, title, text, licence, form, file, how, off):
    """The card, Markdown.

    Args:
        store, run, step: what was exported.
        card: the :class:`gan_core.models.card.Card` of its architecture.
        title, text: what the author says.
        licence: the model's, an identifier of the Hub; "" for one that nobody gave.
        form: the :class:`gan_core.sharing.formats.Format`; ``file`` is the file's name.
        how: Python that draws samples with it.
        off: the largest difference of its samples from Keras's, see :func:`gan_core.sharing.formats.base.difference`.
    """
    rows, said = facts.scores_of(store.artifacts(run.id), run, step)
    results = [{"task": {"type": PIPELINES.get(run.kind, "other")}, "dataset": {"name": run.data, "type": run.data},
                "metrics": [{"type": score.key, "name": score.title, "value": value} for score, value, _ in rows]}]
    head = front_matter({
        "license": licence or "unknown", "library_name": form.library, "pipeline_tag": PIPELINES.get(run.kind),
        "tags": ["gan", "generative", "gan-workbench", run.architecture, *([form.name] * (form.name != form.library))],
        "datasets": [run.data] if facts.licence_of(store, run) else [],
        "model-index": [{"name": " ".join(title.split()), "results": results}] if rows else []})
    parts = [head, f"# {plain(title)}", plain(text) if text.strip() else "", plain(card.story), "## What it is",
             table(["", ""], facts.of_run(store, run, card, step)),
             "## Draw samples", f"```python\n{how}\n```",
             f"Its samples differ from those of the workbench by at most {off:.2g} (measured on writing it)."]
    if rows:
        parts += ["## Scores", table(["score", "generated", "real against real", ""], [
            (score.title, f"{value:.4g}", "" if floor is None else f"{floor:.4g}",
             score_names.BETTER.get(score.better, score.help)) for score, value, floor in rows]), plain(said),
                  "Scores compare with others of the same extractor and the same numbers of samples alone."]
    else:
        parts.append("This checkpoint has not been scored.")
    parts += ["## Settings", table(["setting", "value"], facts.settings_of(run)),
              "Made with the GAN workbench. The file is " + plain(file) + "."]
    return "\n\n".join(part for part in parts if part) + "\n"
