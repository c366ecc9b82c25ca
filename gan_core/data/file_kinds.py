"""What a file is, by its name and its first bytes: an image, or what else that people give in the place of one."""

import re

SNIFFED = 262  # bytes, of which a tar archive says in the last what it is
# By these names a file is taken for an image that may be damaged, by these first bytes any other for one.
_IMAGES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".avif")
_IMAGE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|BM.{4}\0\0\0\0|GIF8[79]a|II[*+]\0|MM\0[*+]|P[1-6]\s|"
                    rb"....ftypavi[fs]", re.DOTALL)
WAVES = (".wav", ".wave")
_SOUNDS = (*WAVES, ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".au", ".wma")
_SOUND = re.compile(rb"RIFF....WAVE", re.DOTALL)
NO_IMAGE, NESTED, ARRAYS = "no images", "archives, which are to be unpacked first", "arrays, which are given by themselves"
FOREIGN = "images of a kind that cannot be read here and is to be converted to PNG or JPEG"
SPREADSHEET, TEXT = "a spreadsheet", "a text file"
_HOW = {NESTED: "unpack it and give the folder", FOREIGN: "convert such images to PNG or JPEG",
        SPREADSHEET: "save its table as CSV", TEXT: "if it holds a table, give it a name that ends in .csv"}
# What else there is: why it is not used, what it is for people, the endings of its names, its first bytes.
_OTHERS = (
    (NESTED, "a tar archive", (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst"), rb".{257}ustar"),
    (NESTED, "a 7z archive", (".7z",), rb"7z\xbc\xaf\x27\x1c"),
    (NESTED, "a RAR archive", (".rar",), rb"Rar!\x1a\x07"),
    (NESTED, "a compressed file", (".gz", ".xz", ".bz2", ".zst"), rb"\x1f\x8b|\xfd7zXZ\0|BZh[1-9]|\x28\xb5\x2f\xfd"),
    (NESTED, "a zip", (".zip",), None),
    (ARRAYS, "a file of arrays", (".npy", ".npz"), rb"\x93NUMPY"),
    (FOREIGN, "an image of a kind that cannot be read here",
     (".heic", ".heif", ".jxl", ".jp2", ".j2k", ".svg", ".psd", ".xcf", ".eps", ".exr", ".hdr", ".pfm", ".pam", ".dcm",
      ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".sr2", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw", ".erf", ".3fr", ".kdc",
      ".iiq", ".tga", ".pcx", ".dib", ".xbm", ".ico", ".icns", ".hif", ".dds", ".qoi", ".fits", ".wmf", ".emf", ".djvu"),
     rb"....ftyp(?:hei|hev|mif|msf)|\0\0\x01\0|icns|P7\n|<svg|gimp xcf|"
     rb"qoif|DDS \x7c|SIMPLE  =|\xff\x0a|\0\0\0\x0cJXL |\0\0\0\x0cjP  |8BPS|v/1\x01|.{128}DICM"),
    (NO_IMAGE, "an HDF5 file", (".h5", ".hdf5"), rb"\x89HDF\r\n\x1a\n"),
    (NO_IMAGE, "a Parquet file", (".parquet",), rb"PAR1"),
    (NO_IMAGE, "a TFRecord file", (".tfrecord", ".tfrecords"), None),
    (NO_IMAGE, "a pickle, which may run any program", (".pkl", ".pickle", ".pt", ".pth"), rb"\x80[\x02-\x05]"),
    (NO_IMAGE, "an IDX file, as those of MNIST are", (), rb"\0\0[\x08-\x0e][\x01-\x04]"),
    (NO_IMAGE, SPREADSHEET, (".xlsx", ".xlsm", ".xls", ".ods"), None),
    (NO_IMAGE, TEXT, (".txt", ".dat", ".data", ".tab", ".json"), None),
    (NO_IMAGE, "a MATLAB file", (".mat",), rb"MATLAB 5"),
    (NO_IMAGE, "a video", (".mp4", ".mov", ".avi", ".mkv", ".webm"), rb"....ftyp(?:mp4|iso|qt)|\x1aE\xdf\xa3"),
)
_OTHERS = tuple((why, words, suffixes, first and re.compile(first, re.DOTALL)) for why, words, suffixes, first in _OTHERS)


def is_image(name, first) -> bool:
    """Whether a file is taken for an image; ``first`` are its first :data:`SNIFFED` bytes."""
    return name.lower().endswith(_IMAGES) or bool(_IMAGE.match(first)) and not name.lower().endswith(_suffixes(FOREIGN))


def is_sound(name, first) -> bool:
    """Whether a file is taken for sound; ``first`` are its first bytes."""
    return name.lower().endswith(_SOUNDS) or bool(_SOUND.match(first))


def why_not(name, first) -> str:
    """Why a file that is no image is not used, to follow a number of such files."""
    return next((why for why, _, suffixes, pattern in _OTHERS if _is(name, first, suffixes, pattern)), NO_IMAGE)


def instead(name, first) -> str:
    """What a file is that was given in the place of a folder or a zip, and what to do, in a sentence's second half."""
    if is_image(name, first):
        return "not a zip file but a single image; give a folder or a zip of many"
    for why, words, suffixes, pattern in _OTHERS:
        if _is(name, first, suffixes, pattern) and words != "a zip":
            how = _HOW.get(words, _HOW.get(why, "save its images as files, or as one array with numpy.savez"))
            return f"not a zip file but {words}; {how}"
    return "not a zip file, or a damaged one; give a folder or a zip of images"


def is_spreadsheet(name) -> bool:
    """Whether a file is one by its name; most are zips, too."""
    return any(words == SPREADSHEET and name.lower().endswith(suffixes) for _, words, suffixes, _ in _OTHERS)


def _is(name, first, suffixes, pattern):
    return name.lower().endswith(suffixes) or bool(pattern and pattern.match(first))


def _suffixes(wanted):
    return tuple(suffix for why, _, suffixes, _ in _OTHERS if why == wanted for suffix in suffixes)
