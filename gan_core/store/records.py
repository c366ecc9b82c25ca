"""Records of a run in JSON, each read by itself: one that is spoiled is left out and named, and takes no other with it."""

import dataclasses
import json
import math


def read(artifacts, names, fits):
    """``([(name, value)], [names])`` of those artifacts that hold what ``fits(value)`` says, and of the others.

    What is removed meanwhile is in neither.
    """
    good, spoiled = [], []
    for name in names:
        try:
            value = json.loads(artifacts.read(name))
        except KeyError:  # NoArtifact
            continue
        except (ValueError, RecursionError):
            value = None
        if value is not None and fits(value):
            good.append((name, value))
        else:
            spoiled.append(name)
    return good, spoiled


def is_number(value):
    """Whether a value is a number that can be computed with."""
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def are_numbers(value):
    """Whether a value is a list of numbers that can be computed with, or of None where there is none."""
    return isinstance(value, list) and all(number is None or is_number(number) for number in value)


def is_step(value):
    return type(value) is int and 0 <= value < 2**63


def is_text(value):
    """Whether a value is text that can be shown and kept: JSON can hold halves of letters, which nothing else takes."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def are_texts(value):
    return isinstance(value, list) and all(map(is_text, value))


def is_whole(value):
    """Whether a value is a whole number that a catalogue can keep."""
    return type(value) is int and -2**63 <= value < 2**63


def is_plain(value):
    """Whether a value is what a setting can be: text, a number, yes or no."""
    return is_text(value) or type(value) is bool or is_number(value) and -2**63 <= value < 2**63


# What the values of a row of the catalogue are, by how the fields of its dataclass are declared, and what stands for one
# that is not.
FORMS = {str: (is_text, ""), int: (is_whole, 0),
         float: (is_number, 0.0), bool: (lambda value: isinstance(value, (bool, int)), False),
         dict: (lambda value: isinstance(value, dict), {}), tuple[str, ...]: (are_texts, []),
         float | None: (lambda value: value is None or is_number(value), None)}


def sound(cls, row):
    """``({field: value}, [fields that are damaged])`` of a row for a dataclass; what is damaged is empty."""
    values, wrong = {}, []
    for attribute in dataclasses.fields(cls):
        fits, empty = FORMS[attribute.type]
        values[attribute.name] = row[attribute.name] if fits(row[attribute.name]) else empty
        if not fits(row[attribute.name]):
            wrong.append(attribute.name)
    return values, wrong


def finite(value):
    """The same with None for each number that is none: JSON has no NaN, and those who read it have none."""
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
