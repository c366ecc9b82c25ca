"""Slack: a line of text to an incoming webhook, which Mattermost, Discord (``/slack``) and others take, too.

What a run is called and what it says of itself is shown as text: it calls nobody and links nowhere.
"""

import re

from gan_core.notices.channels.base import host_of, post

ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))  # what Slack would take for a link or for everybody's attention
# The same for others that take its messages: a call to all of a channel, a link or a picture in Markdown, an address.
_TAKEN = re.compile(r"@(?=\w)|\](?=[(\[:])|\b[a-z][a-z+.-]*:(?=//)|\b(?:mailto|tel|javascript|data):(?=\S)|\bwww(?=\.)",
                    re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"  # is not seen, and parts what would be taken so


class Slack:
    """Posts ``{"text": ...}``."""

    title = "Slack webhook"
    keys = {"slack": "the address of an incoming webhook of Slack, or of whoever takes the same"}

    def place(self, values):
        return host_of("slack", values["slack"]) if values.get("slack") else ""

    def send(self, values, notice, timeout):
        text = f"{notice.title}\n{notice.text}"
        text = _TAKEN.sub(lambda match: match[0] + _JOINER, text)
        for sign, written in ESCAPED:
            text = text.replace(sign, written)
        link = f"\n{notice.link}" if notice.link else ""
        post(self.title, self.place(values), values["slack"], {"text": text + link}, timeout)


CHANNEL = Slack()
