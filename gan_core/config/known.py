"""The one answer to a name that does not exist, whatever it is the name of and whoever gave it."""

from gan_core.errors import BadInput


def no_such(what, name, known):
    """The sentence: ``what`` there is none of that ``name``, and the names that are ``known``."""
    return f"There is no {what} {name!r}; choose from {', '.join(known)}."


def refuse_unknown(what, names, known, field=None):
    """Nothing, if all ``names`` are ``known``.

    Raises:
        BadInput: with a sentence for each that is not, under its own name in ``fields`` or that of the one ``field``.
    """
    known = list(known)
    wrong = {name: no_such(what, name, known) for name in names if name not in known}
    if wrong:
        raise BadInput(" ".join(wrong.values()), {field or name: sentence for name, sentence in wrong.items()})
