"""Who is let in: requests by a name that is ours, from pages of our own; and what a browser may do with what it gets.

Any site that a browser visits can let its name mean this machine, and would then be on one page with the dashboard: it could
start runs and delete them.  Streamlit looks at the name (``server.allowedHosts``) where a page talks to it, and lets any
program's page on this machine talk to it as well; here both are looked at, at every request.
"""

from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from gan_core import visitors

READING = ("GET", "HEAD", "OPTIONS")
UPLOADS = "/_stcore/upload_file/"
# Nothing is fetched from elsewhere and nobody frames the pages, even if a text should slip through that makes a picture.
# Streamlit's own code needs inline styles and scripts, WebAssembly (the drawings of networks) and addresses that hold data.
POLICY = "; ".join([
    "default-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:", "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:", "media-src 'self' data: blob:", "font-src 'self' data:", "worker-src 'self' blob:",
    "connect-src 'self' data: blob:", "object-src 'none'", "base-uri 'self'", "frame-ancestors 'self'"])
HEADERS = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff",
           "Referrer-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}


class Door:
    """ASGI middleware around the whole app."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif why := refusal(scope):
            await PlainTextResponse(f"{why}\n", 403, HEADERS)(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))


def refusal(scope):
    """Why a request is not answered, a sentence; "" when it is."""
    headers = Headers(scope=scope)
    hosts, origin = headers.getlist("host"), headers.get("origin")
    if len(hosts) != 1 or not _is_ours(hosts[0]):
        return ("This dashboard is not known by that name; add it to server.allowedHosts as the README says in \"Open it to "
                "others\".")
    if visitors.are_here() and UPLOADS in scope.get("path", "") and scope.get("method") not in READING:
        return "Visitors send no files."
    changes = scope["type"] == "websocket" or scope["method"] not in READING
    if changes and origin is not None and not _is_same(origin, hosts[0]):
        return ("Pages of another address may not use this dashboard; add it to server.corsAllowedOrigins, or let the proxy "
                "pass the header Host on, as the README says in \"Open it to others\".")
    return ""


def _is_ours(host):
    """Whether the name in a ``Host`` header is among ``server.allowedHosts``; any is where that is empty."""
    allowed = st.get_option("server.allowedHosts")
    try:
        parts = urlsplit(f"//{host}")
        name, _ = (parts.hostname or "").removesuffix("."), parts.port  # which is refused where it is no number
    except ValueError:
        return False
    if not name or parts.netloc != host or "@" in host:
        return False
    return not allowed or any(pattern == "*" or name == pattern or pattern.startswith("*.") and name.endswith(pattern[1:])
                              for pattern in (pattern.strip().lower() for pattern in allowed))


def _is_same(origin, host):
    """Whether a page at ``origin`` is one of ours, or one that ``server.corsAllowedOrigins`` names."""
    return (urlsplit(origin).netloc.lower() == host.lower() and origin != "null"
            or origin in st.get_option("server.corsAllowedOrigins") or not st.get_option("server.enableCORS"))


def _with_headers(send):
    async def sending(message):
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending
