"""Where notices go, and which: from the environment, else from ``.streamlit/secrets.toml``; addresses may be secrets.

``GAN_NOTICES_SLACK`` in the environment is ``slack`` in the table ``[notices]`` of the file, and so on; ``GAN_NOTICES=off``
turns all of them off.
"""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from gan_core.config.known import refuse_unknown
from gan_core.errors import BadInput
from gan_core.notices import channels
from gan_core.notices.notice import EVENTS, USUAL

PREFIX = "GAN_NOTICES"
TABLE = "notices"
PROJECT = Path(__file__).parents[2]
OWN = {"events": f"which are sent: some of {', '.join(EVENTS)} (all but stopped)",
       "link": "the address of the dashboard, for links to the run"}


@dataclass(frozen=True)
class Wanted:
    """What is wanted: ``channels`` are ``{name: where it goes, for people}`` and hold no secrets, ``values`` do."""

    channels: dict[str, str]
    events: tuple[str, ...]
    link: str
    values: dict

    def __repr__(self):  # what is logged by chance
        return f"Wanted({', '.join(self.channels)})"


def files():
    """Where settings may stand, as Streamlit looks for its own: the person's file, and the project's, which goes before."""
    return [Path(os.path.expanduser("~/.streamlit/secrets.toml")), PROJECT / ".streamlit" / "secrets.toml"]


def off():
    """What ``GAN_NOTICES`` has where it turns all notices off; else ""."""
    said = os.environ.get(PREFIX, "")
    return said if said.lower() in ("off", "0", "no") else ""


def wanted():
    """The :class:`Wanted`; without channels where nothing is set.

    Raises:
        BadInput: with a sentence that holds no secret, for what cannot be understood.
    """
    if off():
        return Wanted({}, (), "", {})
    values = _values()
    known = {**OWN, **{key: words for channel in channels.channels().values() for key, words in channel.keys.items()}}
    refuse_unknown("setting of notices", values, known)
    if wrong := next((name for name, value in values.items() if not _is_text(value)), ""):
        raise BadInput(f"The setting {wrong} of notices must be a text in quotes, or a list of such.")
    events = tuple(_words(values.get("events", USUAL)))
    refuse_unknown("event", events, EVENTS, "events")
    places = {name: channel.place(values) for name, channel in channels.channels().items()}
    link = str(values.get("link", ""))
    if link and not re.match(r"https?://[^\s<>|]+$", link):
        raise BadInput("The setting link of notices must be the address of the dashboard, such as http://localhost:8501.")
    return Wanted({name: place for name, place in places.items() if place}, events, link, values)


def _values():
    """``{setting: value}`` of files and environment."""
    values = {}
    for path in files():
        table = _table(path)
        if not isinstance(table, dict):
            raise BadInput(f"[{TABLE}] in {path} must be a table of settings.")
        values |= table
    start = f"{PREFIX}_"
    return values | {name.removeprefix(start).lower(): value for name, value in os.environ.items()
                     if name.startswith(start) and value.strip()}


def _table(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE, {})
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text'}).") from None
    except tomllib.TOMLDecodeError:  # whose words may quote a secret
        raise BadInput(f"{path} is no TOML: look at its quotes and brackets.") from None


def _is_text(value):
    return isinstance(value, str) or isinstance(value, list) and all(isinstance(one, str) for one in value)


def _words(value):
    return [str(word).strip() for word in (value.split(",") if isinstance(value, str) else value) if str(word).strip()]
