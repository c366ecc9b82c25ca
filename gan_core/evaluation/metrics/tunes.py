"""Whether texts are tunes: of data that are tunes in ABC notation."""

from gan_core.evaluation.metrics.base import HIGHER, Family, Score, Texts
from gan_core.sound.abc_notation import parsed

FEW, MOST = 50, 1000  # real texts by which it is known whether the data are tunes, and generated ones that are read


def are_tunes(texts):
    real = [parsed(text) is not None for text in texts.written(texts.learned[:FEW])]
    return sum(real) > len(real) / 2


def measure(texts):
    """``tunes_parse``: the share of texts that can be read as a tune; ``bars_fit``: of those, of their bars that are as long
    as their metre says, the share; 0 where none is a tune."""
    tunes = [parsed(text) for text in texts.written(texts.generated[:MOST])]
    read = [tune for tune in tunes if tune is not None]
    return {"tunes_parse": len(read) / len(tunes), "bars_fit": sum(tune.fitting() for tune in read) / max(len(read), 1),
            "n_tunes": len(tunes)}


FAMILY = Family("tunes", of=Texts, turn=40, measure=measure, applies=are_tunes, scores=(
    Score("tunes_parse", "Tunes that parse", HIGHER, "Share of texts that can be read as a tune in ABC notation to the last "
          "sign.", place=231, share_of=("n_tunes",)),
    Score("bars_fit", "Bars that fit", HIGHER, "Share of the bars of these tunes that are as long as the metre says.",
          place=232)))
