"""What a person can say of a demo; light, for forms."""

from gan_core.errors import BadInput

PRECISIONS = ("int8", "float16", "float32")  # of weights, the smallest file first
# Of the files of gan_core/sharing/formats, which need Keras: ``{name: (title, suffix)}``.
FORMATS = {"onnx": ("ONNX: for any runtime, in any language", ".onnx"),
           "keras": ("Keras: a model of its own layers, for any Keras 3", ".keras"),
           "safetensors": ("Safetensors: the weights, for this workbench", ".safetensors")}
TITLE, TEXT = 200, 20_000  # characters, at most


def check_words(title, text):
    """Raise :class:`BadInput` for more words of an author than there is room for."""
    if len(title) > TITLE or len(text) > TEXT:
        raise BadInput(f"A title has at most {TITLE} characters, and what is said below it {TEXT:,}.")
