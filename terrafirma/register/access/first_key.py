"""The admin key that the settings name, for servers that are declared and not set up by hand."""

from pathlib import Path

from terrafirma.errors import ConfigurationError
from terrafirma.register.access.api_keys import (
    SHOWN,
    TOKEN,
    describe_key_row,
    digest_token,
    name_api_key,
    seal_key,
)
from terrafirma.register.access.audit import record_event
from terrafirma.register.access.roles import Role
from terrafirma.register.model.clock import now
from terrafirma.storage.auth.api_keys import (
    Credential,
    add_credential,
    find_digest,
    list_credentials,
    replace_credential,
)
from terrafirma.storage.auth.auth_database import next_id
from terrafirma.storage.engine.database import Connection, Database

ACTOR = "settings"
"""The creator of this key, in the list of keys and in the audit log."""
NAME = "TERRAFIRMA_ADMIN_KEY"


def read_token(text: str, file: Path | None) -> str | None:
    """Return the key that the settings give, in themselves or in a file, or None."""
    if text and file:
        raise ConfigurationError(f"{NAME} and {NAME}_FILE are both set; remove either.")
    try:
        token = file.read_text(encoding="utf-8").strip() if file else text
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The key in {file} cannot be read: {error}.") from None
    if token and not TOKEN.fullmatch(token):
        raise ConfigurationError(
            f"{NAME if text else file} must hold a key as `terrafirma keys generate` prints it."
        )
    return token or None


def store_first_key(database: Database, secret: bytes, token: str) -> None:
    """Accept a key as an admin's from now on, replacing the previous key of the settings.

    A revoked key stays revoked.
    """
    digest = digest_token(secret, token)
    with database.reading() as connection:
        if find_digest(connection, digest) is not None:
            return
    with database.writing() as connection:
        # Several processes start at once; only the first finds nothing.
        if find_digest(connection, digest) is None:
            add_or_replace(connection, token[:SHOWN], digest)


def add_or_replace(connection: Connection, prefix: str, digest: str) -> None:
    """Store a key, or give these random bits to the valid key that came from the settings."""
    keys = list_credentials(connection)
    ours = [key for key in keys if key.created_by == ACTOR and key.revoked is None]
    if ours:
        replaced = ours[-1]._replace(prefix=prefix, digest=digest, old_digest=None, old_until=None)
        replace_credential(connection, replaced)
        record_event(
            connection, ACTOR, "key-rotated", name_api_key(replaced.id), seal_key(replaced)
        )
        return
    id = next_id(connection, "credentials")
    key = Credential(id, prefix, digest, Role.ADMIN, "[]", "[]", NAME, now(), ACTOR, None)
    add_credential(connection, key)
    record_event(connection, ACTOR, "key-created", name_api_key(id), describe_key_row(key))
