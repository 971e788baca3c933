"""Receives webhooks from Punctual with nothing but Python. Copy `sign` and `verify`; the rest is one way to use them.

    WEBHOOK_SECRET=whsec_... PORT=8080 python3 receiver.py
"""

import base64
import hmac
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 5 * 60


def sign(secret, id, timestamp, body):
    """The signature of a message, as it stands in `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    if not key:
        raise ValueError("The secret is not whsec_ and base64")
    digest = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def verify(secret, headers, body, now=None):
    """Whether a request comes from who knows the secret, and is fresh.

    `body` is the bytes as they came in, before any parsing; `now` is in seconds.
    """
    id, timestamp, signatures = (headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature"))
    if not id or not re.fullmatch("[0-9]{1,12}", timestamp):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    try:
        expected = sign(secret, id, timestamp, body).encode()
    except ValueError:
        return False
    # During a rotation there are two signatures, and one that fits is enough. Other versions never fit.
    return any(hmac.compare_digest(given.encode(errors="replace"), expected) for given in signatures.split(" "))


def handle(id, event):
    """What you do with an event. It may come again: keep the id together with what you do, and do it once."""
    print(id, event["type"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    secret = os.environ.get("WEBHOOK_SECRET", "")
    timeout = 10

    def do_POST(self):
        self.send_response(self.receive())
        self.end_headers()

    def receive(self):
        length = self.headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,6}", length):  # none, or a million bytes and more
            return 413
        body = self.rfile.read(int(length))
        if not verify(self.secret, self.headers, body):
            return 401
        try:
            handle(self.headers["webhook-id"], json.loads(body))
        except Exception as error:
            self.log_error("%r", error)
            return 500  # Punctual tries again later.
        return 204


def serve():
    sign(Receiver.secret, "", "", b"")  # A secret that cannot be used is found now, not with the first event.
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 8080))), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


def check():
    """Lines of base64 fields with tabs between them (secret, id, timestamp, signature, body, now), each answered ok or no."""
    for line in sys.stdin:
        *texts, body, now = (base64.b64decode(field) for field in line.rstrip("\n").split("\t"))
        secret, id, timestamp, signature = (text.decode() for text in texts)
        headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
        print("ok" if verify(secret, headers, body, int(now)) else "no")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["--check"] else serve()
