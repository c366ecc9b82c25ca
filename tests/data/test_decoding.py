"""Pictures of every format, mode and orientation become pixels, or are told to be unreadable."""

import io

import numpy as np
import pytest
from PIL import Image

from gan_core.data import pixels
from gan_core.data.choices import NONE_MADE
from gan_core.data.pictures import Pictures
from helpers_data import encoded, noise, picture


def decoded(content, size):
    """The pixels of a set of one picture."""
    pictures = Pictures(size, NONE_MADE, 1)
    pictures.add(pictures.decoded(content))
    return pictures.together()[0][0]


def stripes(width=40, height=20) -> Image.Image:
    """Three vertical stripes, red, green and blue, the green one a centred square."""
    image = Image.new("RGB", (width, height), "green")
    image.paste("red", (0, 0, (width - height) // 2, height))
    image.paste("blue", ((width + height) // 2, 0, width, height))
    return image


@pytest.mark.parametrize("turn", [False, True])
def test_the_long_side_is_cropped_around_the_centre(turn):
    image = stripes().rotate(90, expand=True) if turn else stripes()
    pixel = decoded(encoded(image), 10)
    assert pixel.shape == (10, 10, 3)
    assert (pixel[2:-2, 2:-2] == (0, 128, 0)).all()  # the filter reaches across the crop's edge
    assert (np.argmax(pixel, axis=-1) == 1).all()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
@pytest.mark.parametrize("size", [4, 32])
def test_formats(form, size):
    options = {"lossless": True} if form == "WEBP" else {}
    pixel = decoded(picture((200, 30, 90), form=form, **options), size)
    assert pixel.shape == (size, size, 3) and pixel.dtype == np.uint8
    assert np.abs(pixel.astype(int) - (200, 30, 90)).max() <= 3


def sixteen_bit():
    return Image.fromarray(np.full((9, 9), 0x8080, np.uint16))


def palette():
    return Image.new("RGB", (9, 9), (255, 0, 0)).quantize(4)


def transparent_palette():
    image = Image.new("P", (9, 9), 1)
    image.putpalette([0, 0, 255, 255, 0, 0])
    image.info["transparency"] = 1
    return image


def floats(dtype):
    ramp = np.zeros((10, 10), dtype)
    ramp[:, 5:] = 1000
    return Image.fromarray(ramp)


@pytest.mark.parametrize(
    "content, expected",
    [
        (encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0))), [255]),
        (encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 51))), [255, 204, 204]),
        (encoded(Image.new("LA", (9, 9), (0, 51))), [204]),
        (encoded(Image.new("L", (9, 9), 77)), [77]),
        (encoded(Image.new("1", (9, 9), 1)), [255]),
        (encoded(palette()), [255, 0, 0]),
        (encoded(transparent_palette(), transparency=1), [255]),
        (encoded(sixteen_bit()), [128]),
        (encoded(sixteen_bit(), "TIFF"), [128]),
        (encoded(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "TIFF"), [255, 0, 0]),
        (encoded(Image.new("CMYK", (16, 16), (0, 0, 0, 255)), "JPEG"), [0]),
        (encoded(Image.new("RGB", (9, 9), (50, 50, 50))), [50]),
    ],
    ids="clear RGBA,RGBA,LA,L,1,P,clear P,I;16 png,I;16 tiff,CMYK tiff,CMYK jpeg,grey RGB".split(","),
)
def test_modes(content, expected):
    pixel = decoded(content, 4)
    assert pixel.shape == (4, 4, len(expected))
    assert np.abs(pixel.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_32_bit_samples_are_stretched(dtype):
    pixel = decoded(encoded(floats(dtype), "TIFF"), 10)
    assert pixel.shape == (10, 10, 1) and (pixel[:, :5] == 0).all() and (pixel[:, 5:] == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation):
    upright = Image.new("L", (16, 16), 0)
    upright.paste(255, (0, 0, 8, 4))  # a mark that no turn or flip leaves in place
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # orientation -> the Transpose that stores it so
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(decoded(encoded(stored, exif=exif), 16)[..., 0], np.asarray(upright))


def test_broken_exif_does_not_cost_the_image():
    assert decoded(encoded(Image.new("L", (9, 9), 8), "JPEG", exif=b"Exif\0\0garbage"), 4).shape == (4, 4, 1)


def test_first_frame_of_a_gif():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decoded(content, 4) == (255, 0, 0)).all()


def test_large_jpegs_are_decoded_as_others():
    ramp = np.linspace(0, 255, 1024).astype(np.uint8)
    across = np.tile(ramp, (1024, 1))
    image = Image.fromarray(np.stack([across, across.T, np.zeros_like(across)], axis=-1))
    jpeg, png = (decoded(encoded(image, form), 16).astype(int) for form in ("JPEG", "PNG"))
    assert np.abs(jpeg - png).max() <= 4


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF"])
@pytest.mark.parametrize("keep", [0, 10, 0.5])
def test_truncated_files_are_unreadable(form, keep):
    content = encoded(Image.open(io.BytesIO(noise(side=64))), form)
    with pixels.decoding(), pytest.raises(pixels.Unreadable):
        decoded(content[: int(len(content) * keep) if keep < 1 else keep], 8)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"<svg/>", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_other_files_are_unreadable(content):
    with pytest.raises(pixels.Unreadable):
        decoded(content, 8)
