"""Score: how far the samples of a run's checkpoints are from real ones; kept with the run."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.modalities.base import headline_of
from gan_core.tasks import base, targets
from gan_core.tasks.wanted import MOST


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    every: bool = knob(False, group="Score", label="Every checkpoint",
                       help="All that are kept and not scored alike yet, the last one first, so that the best is known.")
    n: int = knob(0, low=0, high=MOST, tiny=100, group="Score", label="Samples",
                  help="How many are drawn. 0: 10,000, or as many as the data have; of every checkpoint 2,000.")
    target: str = knob("", group="Score", label="Target column",
                       help="Of a table the column that is told from the others, after learning from generated rows. "
                            "Nothing: the class where there is one, else the last column of few names, else the last "
                            "number.")


class Score(base.Task):
    title, Config, page = "Score", Config, "monitor"

    def check(self, store, run, config):
        targets.check(run, config.target)

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import evaluation

        heard = {"progress": progress, "should_stop": should_stop, "target": config.target} | (
            {"n": config.n} if config.n else {})
        if config.every:
            steps = evaluation.evaluate_all(context.store, context.run, **heard)
            return base.Result(f"scored {len(steps)} checkpoint{'' if len(steps) == 1 else 's'}" if steps
                               else "every checkpoint was scored already", {"steps": steps})
        scores = evaluation.evaluate(context.store, context.run, checkpoint=context.checkpoint, **heard)
        by = headline_of(context.run.kind)
        value = scores.get(by.key)
        return base.Result(f"{by.title} {value:.3g} at step {scores['step']:,}" if value is not None
                           else f"scored step {scores['step']:,}", {"steps": [scores["step"]], by.key: value})
