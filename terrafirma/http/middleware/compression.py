"""Content negotiation of every answer: compression, 304 and Date.

An ETag identifies bytes, so a compressed answer has its own: the plain ETag with `-gzip` or `-br`.
If-None-Match is compared without the suffix. The response cache is outside and stores the final
bytes.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol

import brotli
from flask import Response, request
from werkzeug.datastructures import ETags
from werkzeug.http import quote_etag

from terrafirma.http.app.accept import read_preferences, split_header
from terrafirma.http.response.responses import HOT, LASTING, vary_by

LEAST = 1000
"""Bytes below which compressing costs more than it saves."""
LEAST_LASTING, MOST_LASTING = 200, 100_000
"""Bytes between which a file of the pages is compressed as well as can be: it is done once."""
# Not events: a compressor would hold them back.
COMPRESSIBLE = re.compile(
    r"text/(?!event-stream).*|application/(.*\+)?(json|x-ndjson|javascript|xml)|image/svg\+xml"
)
STORED = (200, 201)

GZIP_LEVEL, BROTLI_QUALITY, BEST_QUALITY = 6, 5, 11
GZIP_WINDOW = 16 + zlib.MAX_WBITS

ENCODED = re.compile(r"[-:;](gzip|br|zstd|deflate)$")
"""Suffixes of ETags added here or by a compressing proxy."""

NO_STORE = "no-store"


class Compressor(Protocol):
    """Something that takes bytes and gives fewer."""

    def compress(self, data: bytes, /) -> bytes:
        """Compress data and flush."""

    def flush(self) -> bytes:
        """The rest."""


class Brotli:
    """Brotli with the methods of zlib's compressors."""

    def __init__(self, quality: int = BROTLI_QUALITY) -> None:
        compressor = brotli.Compressor(quality=quality)
        self.compress: Callable[[bytes], bytes] = compressor.process
        self.flush: Callable[[], bytes] = compressor.finish


def make_gzip() -> Compressor:
    """A compressor for gzip. It writes no time, so that equal bodies give equal bytes."""
    return zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)


ENCODINGS: dict[str, Callable[[], Compressor]] = {"br": Brotli, "gzip": make_gzip}
"""Supported encodings, best first."""


READS = ("GET", "HEAD")
"""Methods whose answers are cached, however small."""


def compress(response: Response) -> None:
    """Compress an answer if its client takes that, and answer 304 if its client has it."""
    encoding = choose_encoding(response)
    spare_known(response, encoding)
    if encoding and response.status_code in STORED:
        encode_body(response, encoding)
    if request.environ.get(HOT):
        request.environ[HOT] = request.method == "GET" and response.status_code == 200


def choose_encoding(response: Response) -> str:
    """The encoding of an answer, empty for none; sets Vary."""
    # A file goes as it lies: its length and its ranges are those of the bytes on disk.
    compressible = not response.direct_passthrough and COMPRESSIBLE.fullmatch(
        response.mimetype or ""
    )
    if response.status_code not in STORED or not compressible:
        return ""
    vary_by(response, "Accept-Encoding")
    least = LEAST_LASTING if request.environ.get(LASTING) else LEAST
    if "Content-Encoding" in response.headers or (
        not response.is_streamed and len(response.get_data()) < least
    ):
        return ""
    accepted = request.headers.get("Accept-Encoding")
    return negotiate_encoding(accepted) if accepted else ""


def negotiate_encoding(header: str) -> str:
    """The supported encoding that an Accept-Encoding header prefers, empty for none."""
    return _negotiate_encoding(split_header(header))


@lru_cache(maxsize=1000)
def _negotiate_encoding(header: str) -> str:
    liked = read_preferences(header)
    # A star speaks for what is not named.
    rated = [
        (liked.get(name, liked.get("*", 0.0)), -place, name) for place, name in enumerate(ENCODINGS)
    ]
    quality, _, best = max(rated)
    return best if quality > 0 and quality >= liked.get("identity", 0.0) else ""


def spare_known(response: Response, encoding: str) -> None:
    """Add the encoding to the ETag; answer 304 if If-None-Match has it in any encoding."""
    etag, weak = response.get_etag()
    if etag is None or weak:
        return
    response.headers["ETag"] = quote_etag(f"{etag}-{encoding}" if encoding else etag)
    if request.method in READS and response.status_code == 200:
        # If-Match guards writes only; Werkzeug would answer a read 412 with the record, and the hot cache 200.
        known = find_known(request.if_none_match, etag)
        if known is not None:
            # The client's own copy is the one that still holds.
            response.headers["ETag"] = quote_etag(known)
        if known is not None or request.if_none_match.star_tag:
            response.status_code = 304


def find_known(etags: ETags, etag: str) -> str | None:
    """The ETag that has the same bytes before encoding."""
    # Werkzeug reads an empty ETag as None.
    known = sorted(filter(None, etags.as_set(include_weak=True)))
    return next((each for each in known if ENCODED.sub("", each) == etag), None)


def encode_body(response: Response, encoding: str) -> None:
    """Compress an answer: whole, or piece by piece as it comes."""
    response.headers["Content-Encoding"] = encoding
    lasts = request.environ.get(LASTING) and len(response.get_data()) < MOST_LASTING
    compressor = Brotli(BEST_QUALITY) if lasts and encoding == "br" else ENCODINGS[encoding]()
    if response.is_streamed:
        response.response = compress_stream(response.iter_encoded(), compressor)
        return
    body = response.get_data()
    response.set_data(compressor.compress(body) + compressor.flush())


def compress_stream(pieces: Iterable[bytes], compressor: Compressor) -> Iterator[bytes]:
    """Pieces of a body, compressed and flushed after each piece."""
    for piece in pieces:
        if told := compressor.compress(piece):
            yield told
    yield compressor.flush()
