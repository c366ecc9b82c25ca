"""Recognise: train classifiers on real samples, generated ones and both, and see which knows real ones best (TSTR)."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.modalities.base import TSTR, abilities_of
from gan_core.tasks import base
from gan_core.tasks.wanted import MOST


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    n: int = knob(2000, low=1, high=MOST, log=True, tiny=20, group="Recognition", label="Generated images",
                  help="How many are drawn, of each class in turn.")
    real_per_class: int = knob(100, low=1, high=MOST, log=True, tiny=2, group="Recognition",
                               label="Real images of each class", help="How many of them the classifiers learn from.")


class Recognise(base.Task):
    title, Config, page = "Use for recognition", Config, "draw"

    def refuses(self, run, card=None):
        if TSTR not in abilities_of(run.kind):
            return ("Recognition needs labelled images and an architecture that is told the class, such as cgan; choose "
                    "another run.")
        labelled = run.classes and (card is None or any(each["kind"] == "label" for each in card.inputs_of(run)))
        return "" if labelled else ("Recognition needs an architecture that is told the class, such as cgan: the samples of "
                                    f"{run.architecture} have no labels.")

    def run(self, context, config, progress, should_stop):
        from gan_core.evaluation import score_names
        from gan_core.tasks import evaluation

        result = evaluation.recognise(context.store, context.run, checkpoint=context.step, n=config.n,
                                      real_per_class=config.real_per_class, progress=progress, should_stop=should_stop)
        return base.Result(score_names.recognition_in_words(result), {"step": result["step"]})
