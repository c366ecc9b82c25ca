"""What a person can say of a demo; light, for forms."""

PRECISIONS = ("int8", "float16", "float32")  # of weights, the smallest file first
TITLE, TEXT = 200, 20_000  # characters, at most
