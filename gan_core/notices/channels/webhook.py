"""A webhook: the notice as JSON, for programs of one's own."""

import dataclasses

from gan_core.notices.channels.base import host_of, post


class Webhook:
    """Posts the fields of the notice."""

    title = "webhook"
    keys = {"webhook": "an address that takes a notice as JSON"}

    def place(self, values):
        return host_of("webhook", values["webhook"]) if values.get("webhook") else ""

    def send(self, values, notice, timeout):
        post(self.title, self.place(values), values["webhook"], dataclasses.asdict(notice), timeout)


CHANNEL = Webhook()
