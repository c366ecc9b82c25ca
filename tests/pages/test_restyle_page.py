"""Restyle: what becomes of a picture of one's own before it is painted."""

import base64
import io

import numpy as np
from PIL import ExifTags, Image

from helpers_visits import drawn, known, store, visit  # noqa: F401 (fixtures among them)


def file_of(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chosen(content, name):
    """The picture that the page shows of a file, uint8 (H, W, 3)."""
    at = visit("restyle")
    at = drawn(at.selectbox(key="restyle:content").set_value("own").run())
    at.get("file_uploader")[0].upload(name, content, "image/*")
    at = drawn(at.run())
    assert not at.error
    address = at.get("image")[0].proto.imgs[0].url
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB"))


def test_a_photograph_stands_upright(store):  # noqa: F811
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    assert chosen(file_of(Image.new("RGB", (60, 40), "teal"), "JPEG", exif=exif), "turned.jpg").shape == (60, 40, 3)


def test_more_than_8_bits_are_no_white_picture(store):  # noqa: F811
    deep = np.linspace(0, 65535, 64).reshape(8, 8).repeat(4, 0).repeat(4, 1).astype(np.uint16)
    seen = chosen(file_of(Image.fromarray(deep)), "deep.png")
    assert seen.min() < 5 and seen.max() > 250 and 100 < seen.mean() < 155


def test_what_is_transparent_is_white(store):  # noqa: F811
    assert chosen(file_of(Image.new("RGBA", (32, 32), (255, 0, 0, 0))), "clear.png").min() == 255
