"""E-mail, by a server that speaks SMTP: with TLS from the start (``smtps://``), or before anything is said (``smtp://``)."""

import contextlib
import re
import smtplib
import ssl
import urllib.parse
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from gan_core.errors import BadInput
from gan_core.notices.channels.base import NotSent, reason

PORTS = {"smtp": 587, "smtps": 465}
HERE = ("localhost", "127.0.0.1", "::1")  # whom a server without TLS may have as its client


class Mail:
    """One message a notice."""

    title = "mail server"
    keys = {"smtp": "smtps://user:password@host, or smtp:// for a server that begins TLS later",
            "mail_to": "to whom, with commas",
            "mail_from": "from whom; the first of those it goes to, if nothing is said"}

    def place(self, values):
        if not values.get("smtp"):
            return ""
        host, port = _server(values)[1:3]
        to, _ = _people(values)  # whose addresses are in no log: others may read those of a run
        return f"{host}:{port}, for {len(to)} address{'es' * (len(to) != 1)}"

    def send(self, values, notice, timeout):
        scheme, host, port, user, password = _server(values)
        to, sender = _people(values)
        try:
            with contextlib.closing(_Closing(scheme, host, port, timeout)) as opened:
                server = opened.server
                if scheme == "smtp":
                    server.ehlo()
                    if server.has_extn("starttls"):
                        server.starttls(context=ssl.create_default_context())
                    elif host not in HERE:
                        raise NotSent(f"The mail server {host}:{port} offers no TLS, so that nothing was sent to it; name "
                                      "one that does (smtps://).", for_good=True)
                if user:
                    server.login(user, password)
                refused = server.send_message(_message(notice, sender, to), sender, to)
            if refused:
                raise NotSent(f"The mail server {host}:{port} takes no mail for {len(refused)} of the {len(to)} addresses; "
                              "the others were told.", for_good=True)
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(f"The mail server {host}:{port} refused the user or the password ({error.smtp_code}).",
                          for_good=True) from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"The mail server {host}:{port} refused the message ({error.smtp_code}).",
                          for_good=error.smtp_code >= 500) from None
        except smtplib.SMTPNotSupportedError:
            raise NotSent(f"The mail server {host}:{port} knows no user and password, or takes none without TLS; try "
                          "smtps://, or leave them out.", for_good=True) from None
        except smtplib.SMTPRecipientsRefused:
            raise NotSent(f"The mail server {host}:{port} takes no mail for whom it was to go to.", for_good=True) from None
        except ssl.SSLError:
            raise NotSent(f"The mail server {host}:{port} could not prove who it is; look at its certificate.",
                          for_good=True) from None
        except TimeoutError:
            raise NotSent(f"The mail server {host}:{port} did not answer within {timeout:g} seconds.") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:  # the last: names that are no ASCII
            raise NotSent(f"The mail server {host}:{port} could not be reached ({reason(error)}).") from None


class _Closing:
    """A connection that says goodbye if it still can."""

    def __init__(self, scheme, host, port, timeout):
        self.server = (smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
                       if scheme == "smtps" else smtplib.SMTP(host, port, timeout=timeout))

    def close(self):
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.server.quit()
        self.server.close()


def _server(values):
    """``(scheme, host, port, user, password)``; BadInput, which repeats none of it."""
    try:
        parts = urllib.parse.urlsplit(str(values["smtp"]).strip())
        port = parts.port
    except ValueError:
        parts = port = None
    if parts is None or parts.scheme not in PORTS or not parts.hostname:
        raise BadInput("The setting smtp of notices must be like smtps://user:password@host:465; write signs of a "
                       "password that mean something there as %40 for @, %3A for : and %2F for /.")
    user, password = (urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password


def _people(values):
    """``(to, from)``: addresses."""
    to = values.get("mail_to", "")
    to = [address.strip() for address in (to.split(",") if isinstance(to, str) else map(str, to)) if address.strip()]
    sender = str(values.get("mail_from", "")).strip() or (to[0] if to else "")
    for key, addresses in (("mail_to", to), ("mail_from", [sender])):
        if not addresses or not all(re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", parseaddr(address)[1]) and address.isprintable()
                                    for address in addresses):
            raise BadInput(f"The setting {key} of notices must be an address such as ann@example.org.")
    return to, sender


def _message(notice, sender, to):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = notice.title, sender, ", ".join(to)
    message["Date"], message["Message-ID"] = formatdate(notice.time), make_msgid(domain="gan-workbench")
    message.set_content("\n\n".join(filter(None, [notice.text, notice.link])) + "\n")
    return message


CHANNEL = Mail()
