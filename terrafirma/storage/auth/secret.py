"""The server's secret: keys and sessions are stored as HMACs under it."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from terrafirma.errors import ConfigurationError
from terrafirma.storage.private_files import make_folder

SIZE = 32
LEAST = 32
"""Bytes of a secret that someone else made."""


def read_secret(text: str, file: Path | None, data: Path) -> bytes:
    """The secret that is given, in a named file, or in the data directory, where it is made on first use."""
    if text and file:
        raise ConfigurationError(
            "TERRAFIRMA_SECRET and TERRAFIRMA_SECRET_FILE are both set; remove either."
        )
    place = file or data / "secret.key"
    if not text and file is None:
        make_secret(place)
    try:
        secret = text.encode() if text else place.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"The secret in {place} cannot be read: {error.strerror}."
        ) from None
    if len(secret) < LEAST:
        name = "TERRAFIRMA_SECRET" if text else str(place)
        raise ConfigurationError(
            f"The secret in {name} has {len(secret)} bytes; it needs at least {LEAST}."
        )
    return secret


def make_secret(place: Path) -> None:
    """Create a secret file, readable by its owner only and written atomically; an existing file
    stays."""
    if place.exists():
        return
    make_folder(place.parent)
    part = place.with_name(f".{place.name}-{secrets.token_hex(8)}")
    with open(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as opened:
        opened.write(secrets.token_hex(SIZE) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        # Unlike a rename, a link does not replace what another process made meanwhile.
        with suppress(FileExistsError):
            os.link(part, place)
    finally:
        part.unlink()
