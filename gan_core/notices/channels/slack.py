"""Slack: a line of text to an incoming webhook, which Mattermost, Discord (``/slack``) and others take, too."""

from gan_core.notices.channels.base import host_of, post

ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))  # what Slack would take for a link or for everybody's attention


class Slack:
    """Posts ``{"text": ...}``."""

    title = "Slack webhook"
    keys = {"slack": "the address of an incoming webhook of Slack, or of whoever takes the same"}

    def place(self, values):
        return host_of("slack", values["slack"]) if values.get("slack") else ""

    def send(self, values, notice, timeout):
        text = f"{notice.title}\n{notice.text}"
        for sign, written in ESCAPED:
            text = text.replace(sign, written)
        link = f"\n{notice.link}" if notice.link else ""
        post(self.title, self.place(values), values["slack"], {"text": text + link}, timeout)


CHANNEL = Slack()
