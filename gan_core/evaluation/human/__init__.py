"""People as judges: real or generated?  Trials, verdicts, and the human error rate with its interval (no Keras).

After HYPE (Zhou 2019, "HYPE: A Benchmark for Human eYe Perceptual Evaluation of Generative Models"): a judge sees one
image at a time, as often real as generated, and says which it is.  HYPE is the share of wrong verdicts: 50 % is guessing,
and above it generated images look more real than real ones.  Without a limit of time it is HYPE_infinity; HYPE_time flashes
images and searches for the time at which they are told apart.  Here the time is chosen and stays, and rates at different
times are not put together.
"""

from gan_core.evaluation.human.error_rate import (
    GUESSING, Condition, Manner, Rate, Rates, by_condition, comparable, rates, wilson,
)
from gan_core.evaluation.human.sessions import MOST, Session, Trial, Verdict, begin
from gan_core.evaluation.human.trials import GENERATED, POOL, REAL, SHOWN, some_real

__all__ = ["GENERATED", "GUESSING", "MOST", "POOL", "REAL", "SHOWN", "Condition", "Manner", "Rate", "Rates", "Session",
           "Trial", "Verdict", "begin", "by_condition", "comparable", "rates", "some_real", "wilson"]
