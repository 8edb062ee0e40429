"""`Idempotency-Key`: a repeated write gets the first answer and is not executed again.

The answer is stored in the transaction of the write; writers are serialised, so of two requests
with the same key the second finds the first answer.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, request
from werkzeug.datastructures import Headers

from terrafirma.errors import KeyReused, Malformed
from terrafirma.http.app.context import ENTRY_HEADER, actor, state
from terrafirma.register.model.canonical_json import decode, digest, encode
from terrafirma.register.model.clock import HOUR, later, now
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import LAST_NUMBER
from terrafirma.storage.register.idempotency import KeptAnswer, find_answer, keep_answer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
REUSED = f"This {HEADER} was used with another request; a key is for one request and its repeats."

# Visible ASCII but the quote, the comma and the backslash: a repeated header arrives joined by a comma.
KEY = re.compile(r"[!#-+\x2d-\[\]-~]{1,255}")


def read_key() -> str | None:
    """The request's idempotency key, with or without quotes; None without it."""
    text = request.headers.get(HEADER)
    if text is None:
        return None
    key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not KEY.fullmatch(key):
        raise Malformed(
            f"{HEADER} must be 1 to 255 visible ASCII characters without quotes, commas and backslashes, given once."
        )
    return key


def answer_once(
    connection: Connection, key: str | None, body: Any, answer: Callable[[], Response]
) -> Response:
    """The stored answer for a key, or a new answer, which is stored; raise KeyReused if the key
    belongs to another request."""
    if key is None:
        return answer()
    since = later(-state().settings.idempotency_hours * HOUR)
    asked = digest([request.method, request.path, request.query_string.decode("latin-1"), body])
    kept = find_answer(connection, actor(), key, since)
    if kept is None:
        response = answer()
        if LAST_NUMBER in connection.info:
            response.headers[ENTRY_HEADER] = str(connection.info[LAST_NUMBER])
        headers = encode(response.headers.to_wsgi_list()).decode()
        text = response.get_data(as_text=True)
        row = KeptAnswer(actor(), key, now(), asked, response.status_code, headers, text)
        keep_answer(connection, row, since)
        return response
    if kept.request_hash != asked:
        raise KeyReused(REUSED)
    return replay(kept)


def replay(kept: KeptAnswer) -> Response:
    """A stored answer, byte for byte, marked as replayed."""
    response = Response(kept.body, kept.status)
    response.headers = Headers(decode(kept.headers))
    response.headers[REPLAYED] = "true"
    return response
