"""What a person can say of a demo; light, for forms."""

from gan_core.errors import BadInput

PRECISIONS = ("int8", "float16", "float32")  # of weights, the smallest file first
TITLE, TEXT = 200, 20_000  # characters, at most


def check_words(title, text):
    """Raise :class:`BadInput` for more words of an author than there is room for."""
    if len(title) > TITLE or len(text) > TEXT:
        raise BadInput(f"A title has at most {TITLE} characters, and what is said below it {TEXT:,}.")
