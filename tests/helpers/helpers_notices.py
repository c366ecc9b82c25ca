"""Servers that notices are sent to: each keeps what arrives, and answers as it is told to."""

import contextlib
import http.server
import json
import socketserver
import threading
import time

from helpers_runs import until

SECRET = "hunter2-secret"


class Heard(http.server.ThreadingHTTPServer):
    """An HTTP server that keeps what is posted, and answers with the codes in ``answers``, then with 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Post)
        self.posted, self.answers, self.pause = [], [], 0.0

    def address(self, path=f"/{SECRET}"):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Post(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, json.loads(body)))
        time.sleep(self.server.pause)
        code = self.server.answers.pop(0) if self.server.answers else 200
        with contextlib.suppress(OSError):
            self.send_response(code)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Mailed(socketserver.ThreadingTCPServer):
    """A small SMTP server without TLS: who says what, and the messages."""

    daemon_threads = allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Mail)
        self.said, self.messages, self.refuses, self.plain = [], [], "", False

    def address(self, user=""):
        return f"smtp://{user}127.0.0.1:{self.server_address[1]}"


class _Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            self.server.said.append(line)
            if verb == self.server.refuses:
                self._say(f"535 {SECRET} is wrong")
            elif verb == "EHLO":
                self._say(*(["250 here"] if self.server.plain else ["250-here", "250 AUTH PLAIN"]))
            elif verb == "RCPT" and "nobody@" in line.lower():
                self._say("550 unknown")
            elif verb == "AUTH":
                self._say("235 welcome")
            elif verb == "DATA":
                self._say("354 go on")
                text = []
                while (part := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    text.append(part)
                self.server.messages.append("\n".join(text))
                self._say("250 taken")
            elif verb == "QUIT":
                return self._say("221 goodbye")
            else:
                self._say("250 well")

    def _say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def told():
    """Wait for the threads that send."""
    until(lambda: not any(thread.name.startswith("notice by") for thread in threading.enumerate()), "notices to be sent")
