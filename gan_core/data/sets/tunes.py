"""Fiddle tunes in ABC notation, made by the grammar of :mod:`gan_core.data.tune_grammar`: they can be read, and heard."""

from gan_core.data import characters, tune_grammar
from gan_core.data.base import TEXT, Dataset, DatasetInfo

ORDER = 60
N_TRAIN, N_TEST = 4000, 400
_SEED = 2017  # the same tunes for everyone: runs are compared on them
LENGTH = tune_grammar.LONGEST + 1  # with its end
TRAITS = (("characters", tune_grammar.CHARACTERS),)


def infos(workspace=None) -> list[DatasetInfo]:
    return [DatasetInfo("tunes", "Fiddle tunes in ABC", TEXT, (LENGTH,), (), N_TRAIN, True,
                        "Reels, jigs, hornpipes, polkas and waltzes in ABC notation, which can be heard. They are made by a "
                        "grammar of this project, and no tradition's: a part is a phrase, an answer, the phrase again and a "
                        "cadence.", licence="free: made by a grammar", traits=TRAITS)]


def load(name, size=None, workspace=None) -> Dataset:
    """4,000 tunes for training and 400 others held out, always the same; they have no ``size``."""
    info, = infos()
    info.without_size(size)
    rows = characters.encoded(tune_grammar.tunes(N_TRAIN + N_TEST, _SEED), tune_grammar.CHARACTERS, LENGTH)
    return Dataset(name, TEXT, rows[:N_TRAIN], None, x_test=rows[N_TRAIN:], traits=TRAITS)
