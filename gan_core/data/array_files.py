"""Which arrays of a file are its samples and which their labels, whoever wrote it: this project, Keras, MedMNIST, NumPy.

Nothing is guessed in silence: ``notes`` of what is read say what was taken for what, and what was not used.
"""

import math
from pathlib import Path

from gan_core.data.npz import DamagedNpz, ObjectArray, npy_array, npz_all_headers, npz_arrays
from gan_core.data.pixels import TOTAL_LIMIT
from gan_core.data.texts import label, shown
from gan_core.errors import BadInput

SUFFIXES = (".npz", ".npy")
KEYS = ("samples", "features", "labels", "classes", "probabilities", "extractor", "kind", "source", "columns",
        "traits")
STATISTICS = ("mu", "sigma")
ROLES = {"samples": "the samples", "features": "features", "labels": "their labels", "classes": "the names of classes",
         "samples_test": "the test set", "labels_test": "its labels"}
# What other programs call the samples, their labels, and those of the test and the validation part, in lower case.
CONVENTIONS = (
    ("samples", ("labels", "label", "y", "targets"), (), ()),
    ("x_train", ("y_train", "labels_train"), ("x_test", "y_test"), ("x_val", "y_val")),
    ("train_images", ("train_labels",), ("test_images", "test_labels"), ("val_images", "val_labels")),
    ("train_x", ("train_y",), ("test_x", "test_y"), ("val_x", "val_y")),
    ("trainx", ("trainy",), ("testx", "testy"), ("valx", "valy")),
    ("xtrain", ("ytrain",), ("xtest", "ytest"), ("xval", "yval")),
    ("images_train", ("labels_train",), ("images_test", "labels_test"), ("images_val", "labels_val")),
    ("train_data", ("train_labels",), ("test_data", "test_labels"), ("val_data", "val_labels")),
    ("images", ("labels", "label", "targets", "target", "y"), (), ()),
    ("imgs", ("labels", "latents_classes"), (), ()),
    ("x", ("y", "labels"), (), ()),
    ("data", ("labels", "label", "targets", "target", "y"), (), ()),
    ("arr_0", ("arr_1", "labels"), (), ()),
)
NAMES = ("classes", "class_names", "label_names", "categories", "target_names")
NARROWEST = 3  # numbers a sample, from which on a table without a name is features and no points


def is_array_file(path) -> bool:
    return str(path).lower().endswith(SUFFIXES)


def read(path, limit=TOTAL_LIMIT) -> dict:
    """What a file holds under those of :data:`KEYS` that it has; also ``samples_test`` and ``labels_test`` of a test part,
    ``mu`` and ``sigma`` of statistics, and ``notes``, sentences.

    Args:
        limit: bytes that its arrays may take in memory; nothing is read of a file whose headers promise more.

    Raises:
        BadInput: when it has neither samples nor features nor statistics, or cannot be read.
    """
    if not Path(path).is_file():
        raise BadInput(f"There is no file {path}.")
    try:
        return _alone(path, limit) if str(path).lower().endswith(".npy") else _of_many(path, limit)
    except ObjectArray as error:
        raise BadInput(f"{path} cannot be used: {error}; {_instead(error.name)}.") from error
    except DamagedNpz as error:
        how = "numpy.save" if str(path).lower().endswith(".npy") else "numpy.savez"
        raise BadInput(f"{path} cannot be used: {error}; save it with {how}.") from error


def _instead(name):
    if name.lower() in (*NAMES, "extractor"):
        return "save it as text, numpy.array(names, str)"
    if name.lower() in {samples for samples, *_ in CONVENTIONS} | {"array"}:
        return ("perhaps the images differ in size: bring all to one height, width and number of channels, and save them as "
                "one array (N, H, W, C)")
    if name.lower() in {word for _, labels, *parts in CONVENTIONS
                        for word in (*labels, *(part[1] for part in parts if part))}:
        return "save it as one array of numbers, or of texts, numpy.array(labels, str)"
    return "save it as one array of numbers"


def _alone(path, limit):
    values = npy_array(path, limit)
    role = _role(values.shape)
    if role is None:
        raise BadInput(f"{path} holds an array of shape {values.shape}: images of shape (count, height, width, channels) or "
                       "features of shape (count, numbers) are needed.")
    notes = [f"The array in {label(path)} was taken for {role}."] if role == "features" else []
    return {role: values, "notes": notes}


def _role(shape):
    """What an array is that nobody named: "samples" or "features"; None when it can be neither."""
    if len(shape) in (3, 4) or len(shape) == 2 and 0 < shape[1] < NARROWEST:
        return "samples"
    return "features" if len(shape) == 2 else None


def _of_many(path, limit):
    headers, file = npz_all_headers(path), label(path)
    by_name = {name.lower(): name for name in headers} | {name: name for name in headers if name == name.lower()}
    chosen, roles = _chosen(headers, by_name)
    if not roles.keys() & {"samples", "features", "mu"}:
        there = ", ".join(f"{shown(name)} {shape}" for name, (shape, _) in headers.items()) or "no arrays"
        raise BadInput(f"{path} holds neither of the arrays `samples` and `features`, but {there}; save one under that "
                       "name.")
    large = sum(math.prod(headers[name][0]) * headers[name][1].itemsize for name in roles.values())
    if large > limit:
        raise BadInput(f"The arrays in {path} take {large / 2**30:.1f} GiB of memory and the limit is "
                       f"{limit / 2**30:.0f} GiB; save fewer or smaller samples.")
    arrays = npz_arrays(path, list(roles.values()))
    content = {role: arrays[name] for role, name in roles.items()}
    notes = []
    if chosen and chosen != "samples":
        notes.append(f"In {file} " + ", ".join(f"`{shown(roles[role])}` was taken for {words}"
                                               for role, words in ROLES.items() if role in roles) + ".")
    if unused := [name for name in headers if name not in roles.values()]:
        of_validation = "samples_test" in content and any("val" in name.lower() for name in unused)
        notes.append(f"Not used of {file}: " + ", ".join(f"`{shown(name)}`" for name in unused)
                     + (", of which some are for validation." if of_validation else "."))
    return content | {"notes": notes}


def _chosen(headers, by_name):
    """``(name of the convention that a file follows, {role: name of an array})``."""
    roles = {key: by_name[key] for key in KEYS if key in by_name and key not in ("samples", "labels", "classes")}
    roles |= {"classes": next(by_name[name] for name in NAMES if name in by_name)} if by_name.keys() & set(NAMES) else {}
    shapes = {name: shape for name, (shape, _) in headers.items()}
    for samples, labels, test, validation in CONVENTIONS:
        if samples not in by_name or samples != "samples" and (
                "features" in roles or len(shapes[by_name[samples]]) < 2 and not headers[by_name[samples]][1].hasobject):
            continue
        name = by_name[samples]
        role = "samples" if samples != "arr_0" or headers[name][1].hasobject else _role(shapes[name])
        count = shapes[name][:1]
        named = next((by_name[label] for label in labels if label in by_name), None)
        # arr_1 may be anything: it is labels where it can be.
        if named and (samples != "arr_0" or shapes[named][:1] == count and len(shapes[named]) <= 2):
            roles["labels"] = named
        apart = next((part for part in (test, validation) if part and shapes.get(by_name.get(part[0]), (0,))[0]), ())
        if "labels" not in roles and "classes" in roles and headers[roles["classes"]][1].kind in "iub":
            roles["labels"] = roles.pop("classes")  # numbers are no names: they say which sample is of which class
        roles |= {role: name} | {f"{part}_test": by_name[word] for part, word in zip(("samples", "labels"), apart)
                                 if word in by_name and (part == "samples" or "labels" in roles)}
        return samples, roles
    if "features" in roles:
        return "", roles | {"labels": by_name["labels"]} if "labels" in by_name else roles
    if by_name.keys() >= set(STATISTICS):
        return "", roles | {name: by_name[name] for name in STATISTICS}
    images = [name for name, shape in shapes.items() if len(shape) in (3, 4) and shape[0] > 1]
    if len(images) == 1:
        named = next((by_name[label] for label in CONVENTIONS[0][1] if label in by_name), None)
        return images[0], roles | {"samples": images[0]} | ({"labels": named} if named else {})
    return "", {}
