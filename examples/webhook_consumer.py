"""A receiver of Terrafirma's webhooks: `python webhook_consumer.py SECRET_FILE [COPY.sqlite] [PORT]`.

It keeps a copy of the records it is told of. Needs `pip install standardwebhooks`, and nothing else.
"""

import json
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

TABLES = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS records (kind TEXT, id INTEGER, entry INTEGER, document TEXT, PRIMARY KEY (kind, id));
"""
LARGEST = 10_000_000
"""Bytes of a message that are read."""


def take(copy: sqlite3.Connection, id: str, message: dict[str, Any]) -> str:
    """Do what a message says, once, and say what that was.

    That its id was seen and what it did are one transaction: after a crash it is both or neither.
    """
    with copy:
        try:
            copy.execute("INSERT INTO seen VALUES (?)", (id,))
        except sqlite3.IntegrityError:
            return "known already"
        if message["type"] == "webhook.test":
            return "it works"
        if message["type"] == "register.replaced":
            copy.execute("DELETE FROM records")
            return "the register is another one; read it again"
        return keep(copy, message["data"])


def keep(copy: sqlite3.Connection, entry: dict[str, Any]) -> str:
    """Keep what an entry says of its record, unless something later is known.

    Messages come in order. Only one that was dead, and that somebody had sent again, comes late.
    """
    about = (entry["kind"], entry["id"])
    known = copy.execute("SELECT entry FROM records WHERE kind = ? AND id = ?", about).fetchone()
    if known and known[0] >= entry["number"]:
        return "something later is known"
    document = json.dumps(entry["after"]) if entry["after"] is not None else None
    copy.execute(
        "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", (*about, entry["number"], document)
    )
    return f"entry {entry['number']} by {entry['actor']}"


class Receiver(BaseHTTPRequestHandler):
    """Takes messages one after another, so in the order in which they are sent."""

    webhook: Webhook
    copy: sqlite3.Connection
    timeout = 30

    def do_POST(self) -> None:
        """Check a message before anything else, and answer 2xx only once it is kept."""
        size = int(self.headers.get("Content-Length", 0))
        if not 0 < size <= LARGEST:
            return self.answer(413)
        body = self.rfile.read(size)
        try:
            message = self.webhook.verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError) as error:
            self.log_message("refused: %s", error)
            return self.answer(400)
        outcome = take(self.copy, self.headers["webhook-id"], message)
        self.log_message("%s: %s", message["type"], outcome)
        return self.answer(204)

    def answer(self, status: int) -> None:
        """A status, and nothing more."""
        self.send_response_only(status)
        self.end_headers()


def main(secret: str, copy: str = "copy.sqlite", port: str = "8000") -> None:
    """Receive until stopped."""
    Receiver.webhook = Webhook(Path(secret).read_text(encoding="utf-8").strip())
    Receiver.copy = sqlite3.connect(copy)
    Receiver.copy.executescript(TABLES)
    with HTTPServer(("127.0.0.1", int(port)), Receiver) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
