"""What a channel can do, what several share, and how it tells that something did not arrive."""

import base64
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Protocol

from gan_core.errors import BadInput, UserError


class Channel(Protocol):
    """One way by which notices go.  A file in this folder defines one under the name ``CHANNEL``.

    Attributes:
        title: what it is called.
        keys: ``{setting: what it is}`` that it has, by their names in ``[notices]``.
    """

    title: str
    keys: dict[str, str]

    def place(self, values: dict) -> str:
        """Where it goes, for people, without secrets; "" where it is not set.  BadInput, without secrets, where its settings
        cannot be used."""

    def send(self, values: dict, notice, timeout: float) -> None:
        """Send a :class:`gan_core.notices.notice.Notice`; raises :class:`NotSent`.  ``timeout`` is in seconds."""


class NotSent(UserError):
    """A notice that did not arrive: a sentence that holds no secret.  ``for_good`` says that trying again is in vain."""

    def __init__(self, message, for_good=False):
        super().__init__(message)
        self.for_good = for_good


def host_of(key, address):
    """The host of an address on the web, with its port; BadInput, which does not repeat it, where it is none."""
    try:
        parts = urllib.parse.urlsplit(str(address).strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = None, ""
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"The setting {key} of notices must be an address that begins with https:// or http://.")
    return f"{parts.hostname}{port}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is sent is for one address alone."""

    def redirect_request(self, *_, **__):
        return None


def post(title, host, address, content, timeout):
    """Send plain values as JSON to an address; the answer is not read.  ``host`` is what errors call it."""
    address, more = _login(str(address).strip())
    request = urllib.request.Request(address, json.dumps(content).encode(), more | {
        "Content-Type": "application/json", "User-Agent": "gan-workbench"}, method="POST")
    try:
        urllib.request.build_opener(_NoRedirects).open(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise NotSent(f"The {title} at {host} answered {error.code}; look whether its address is still right.",
                      for_good=300 <= error.code < 500 and error.code not in (408, 429)) from None
    except TimeoutError:
        raise NotSent(f"The {title} at {host} did not answer within {timeout:g} seconds.") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise NotSent(f"The {title} at {host} did not answer within {timeout:g} seconds.") from None
        if isinstance(error.reason, ssl.SSLError):
            raise NotSent(f"The {title} at {host} could not prove who it is; look at its certificate.",
                          for_good=True) from None
        raise NotSent(f"The {title} at {host} could not be reached ({reason(error.reason)}).") from None
    except (OSError, ValueError) as error:  # of a host that speaks no HTTP, and of an address that urllib does not take
        raise NotSent(f"The {title} at {host} could not be reached ({reason(error)}).") from None
    except Exception as error:  # http.client's own
        raise NotSent(f"The {title} at {host} could not be understood ({type(error).__name__}).") from None


def _login(address):
    """``(the address without user and password, headers that say them)``: urllib takes them for a part of the host."""
    parts = urllib.parse.urlsplit(address)
    if "@" not in parts.netloc:
        return address, {}
    login = ":".join(urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
    return (parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
            {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"})


def reason(error):
    """Why something failed, by words of the system alone: those of a library may quote an address."""
    return getattr(error, "strerror", None) or type(error).__name__
