"""Responses: JSON with sorted keys, strong ETags, and 412 for outdated writes."""

import hashlib
import re
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from werkzeug.datastructures import ETags

from terrafirma.errors import PreconditionFailed
from terrafirma.formats.format import Format
from terrafirma.formats.json import JSON
from terrafirma.http.app.context import state
from terrafirma.register.model.canonical_json import encode

HOT = "terrafirma.hot"
"""Set in a request's environ: its answer may be given again until the register changes."""

LASTING = "terrafirma.lasting"
"""Set in a request's environ: its answer is the same for as long as the process lives."""

MADE = re.compile("[0-9]+[.-]")
"""How the ETags of records begin: with the number and the mark of an entry."""

REVALIDATE = "no-cache"
"""Caches may store an answer but must revalidate it."""


def reply_json(value: Any, status: int = 200, *, mark: str | None = None) -> Response:
    """A JSON answer. With the mark of the entry it comes from, it has an ETag and can be asked for conditionally."""
    return reply_bytes(encode(value) + b"\n", JSON.media, status, mark=mark)


def reply_bytes(body: bytes, media: str, status: int = 200, *, mark: str | None = None) -> Response:
    """An answer of any media type; with a mark as `reply_json`. `encodings.py` compresses it and answers 304."""
    response = Response(body, status, mimetype=media)
    if mark is not None:
        response.set_etag(make_etag(mark, body))
        if request.method in ("GET", "HEAD"):
            response.headers["Cache-Control"] = (
                f"public, max-age={state().settings.max_age}, must-revalidate"
            )
            request.environ[HOT] = True
    return response


def make_etag(mark: str, body: bytes) -> str:
    """The entry an answer comes from, and its bytes: writers compare the first, caches the whole."""
    return f"{mark}-{hashlib.blake2b(body, digest_size=8).hexdigest()}"


def check_match(mark: str | None, what: str = "record") -> None:
    """Raise PreconditionFailed unless If-Match and If-None-Match allow a write over this entry's
    state (RFC 9110)."""
    # A header that cannot be parsed guards too: it names no state.
    if "If-Match" in request.headers and not names_entry(request.if_match, mark):
        refuse_weak(mark)
        if not any(
            etag and MADE.match(etag) for etag in request.if_match.as_set(include_weak=True)
        ):
            raise PreconditionFailed(
                "If-Match has no ETag of this server; send that of the answer that was read, in double quotes."
            )
        raise PreconditionFailed(f"The {what} has changed since it was read; read it again.")
    if names_entry(request.if_none_match, mark):
        raise PreconditionFailed(f"The {what} exists already.")


def refuse_weak(mark: str | None) -> None:
    """Raise PreconditionFailed if only a proxy, which made a weak ETag of ours, stands against If-Match."""
    weak = request.if_match.as_set(include_weak=True) - request.if_match.as_set()
    if any(etag.split("-")[0] == mark for etag in weak):
        raise PreconditionFailed(
            'If-Match has a weak ETag, W/"…", as a proxy makes it of ours when it compresses. '
            "The record is unchanged; send the ETag without W/."
        )


def names_entry(etags: ETags, mark: str | None) -> bool:
    """Return True if an ETag identifies a state left by this entry."""
    if mark is None:
        return False
    # A compressing proxy appends its encoding to an ETag; the mark stands before the first hyphen.
    return etags.star_tag or any(etag and etag.split("-")[0] == mark for etag in etags.as_set())


def link_next(response: Response, **parameters: str | int) -> None:
    """Add the Link to the next page: this address with other parameters."""
    query = urlencode(request.args.to_dict(flat=False) | parameters, doseq=True, safe=",*")
    place = f"{state().origin}{request.script_root}{request.path}"
    response.headers["Link"] = f'<{place}?{query}>; rel="next"'


def vary_by(response: Response, name: str) -> None:
    """Add a header to those by which answers differ."""
    # Not `response.vary`, which parses the header each time: a tenth of an answer that is not cached.
    known = response.headers.get("Vary", "")
    if name not in known.split(", "):
        response.headers["Vary"] = f"{known}, {name}" if known else name


def set_language_header(response: Response, language: str | None) -> None:
    """Set Content-Language and Vary."""
    vary_by(response, "Accept-Language")
    if language is not None and response.status_code == 200:
        response.content_language.add(language)


def set_format_headers(response: Response, form: Format, name: str = "") -> Response:
    """Set Vary, and a file name for what browsers save."""
    vary_by(response, "Accept")
    if form.saved:
        name = name or request.path.strip("/").replace("/", "-")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form.name}"'
    return response
