"""What a person can say of a demo; light, for forms."""

TITLE, TEXT = 200, 20_000  # characters, at most
