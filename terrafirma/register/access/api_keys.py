"""API keys: create, rotate, revoke and authenticate.

A key is `tf_`, an eight-character prefix and 256 random bits. It is shown once; the database stores
its HMAC under the server's secret, so neither the auth database nor the secret alone gives access.
"""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from terrafirma.errors import Conflict, Detail, Invalid, NotFound
from terrafirma.register.access.audit import record_event, seal_row
from terrafirma.register.access.roles import Principal, Role, Scope
from terrafirma.register.access.scopes import check_kinds
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import DAY, HOUR, later, now, write_instant
from terrafirma.storage.auth.api_keys import (
    Credential,
    add_credential,
    find_credential,
    replace_credential,
)
from terrafirma.storage.auth.auth_database import next_id
from terrafirma.storage.engine.database import Connection

PREFIX = "tf_"
TOKEN = re.compile(r"tf_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", re.ASCII)
SHOWN = len("tf_01234567")
"""Characters of a key that it is recognised by."""
DURATION = re.compile(r"([1-9][0-9]{0,4})([hd])", re.ASCII)
UNITS = {"h": HOUR, "d": DAY}
SEALED = tuple(name for name in Credential._fields if name != "used")
"""Columns that only change with an event of the audit log."""
OVERLAP = DAY
"""Default number of seconds for which a rotated key stays valid."""


def make_token() -> tuple[str, str]:
    """A new key, and the beginning it is recognised by."""
    prefix = PREFIX + secrets.token_hex(4)
    return f"{prefix}_{secrets.token_urlsafe(32)}", prefix


def digest_token(secret: bytes, token: str) -> str:
    """The digest under which a key is stored."""
    return hmac.new(secret, b"key:" + token.encode(), hashlib.sha256).hexdigest()


def read_end(text: str) -> str:
    """The instant of a duration (`90d`, `12h`), a day or an instant; raise Invalid if malformed or
    past."""
    try:
        if match := DURATION.fullmatch(text):
            end = later(int(match[1]) * UNITS[match[2]])
        else:
            moment = datetime.fromisoformat(text)
            end = write_instant(
                (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
            )
    except (ValueError, OverflowError):
        rule = "must be a time from now such as 90d or 12h, a day or an instant"
        raise Invalid("The key is not valid.", [Detail("expires", rule, "date")]) from None
    if end <= now():
        raise Invalid(
            "The key is not valid.", [Detail("expires", "must be in the future", "range")]
        )
    return end


def create(
    connection: Connection, secret: bytes, actor: str, role: Role, scope: Scope, **about: Any
) -> tuple[Credential, str]:
    """A new key for a role and scope, as it is kept and as it is shown once.

    `about`: its `note`, when it `expires`, how many `requests` and `writes` a minute it has.
    """
    if role is not Role.EDITOR and (scope.kinds or scope.countries):
        rule = f"must be absent for a key with the role {role}; it narrows what an editor writes"
        raise Invalid(
            "The key is not valid.",
            [Detail("kinds" if scope.kinds else "countries", rule, "mismatch")],
        )
    check_kinds(scope)
    expires = read_end(about["expires"]) if "expires" in about else None
    token, prefix = make_token()
    kinds, countries = (encode(sorted(part)).decode() for part in (scope.kinds, scope.countries))
    id = next_id(connection, "credentials")
    limits = {name: about.get(name) for name in ("requests", "writes")}
    digest = digest_token(secret, token)
    credential = Credential(
        id,
        prefix,
        digest,
        role,
        kinds,
        countries,
        about.get("note"),
        now(),
        actor,
        expires,
        **limits,
    )
    add_credential(connection, credential)
    record_event(connection, actor, "key-created", name_api_key(id), describe_key_row(credential))
    return credential, token


def rotate(
    connection: Connection, secret: bytes, actor: str, id: int, overlap: float = OVERLAP
) -> tuple[Credential, str]:
    """Replace a key's secret and return the row and the new token; the old token stays valid for
    `overlap` seconds."""
    old = find_living(connection, id)
    token, prefix = make_token()
    until = later(overlap)
    new = old._replace(
        prefix=prefix, digest=digest_token(secret, token), old_digest=old.digest, old_until=until
    )
    replace_credential(connection, new)
    details = {"old_until": until} | seal_key(new)
    record_event(connection, actor, "key-rotated", name_api_key(id), details)
    return new, token


def revoke(connection: Connection, actor: str, id: int) -> None:
    """Revoke a key, including the token it was rotated from."""
    revoked = find_living(connection, id)._replace(revoked=now())
    replace_credential(connection, revoked)
    record_event(connection, actor, "key-revoked", name_api_key(id), seal_key(revoked))


def find_key(connection: Connection, id: int) -> Credential:
    """A key by its id."""
    credential = find_credential(connection, id)
    if credential is None:
        raise NotFound(f"There is no key {id}.")
    return credential


def find_living(connection: Connection, id: int) -> Credential:
    """A key that is still taken."""
    credential = find_key(connection, id)
    if credential.revoked:
        raise Conflict(f"Key {id} was revoked at {credential.revoked}.")
    return credential


def find_end(credential: Credential, digest: str) -> str | None:
    """When the key with this digest expires; None for never. A revoked key has expired."""
    if credential.revoked:
        return credential.revoked
    ends = [
        credential.expires,
        None if hmac.compare_digest(credential.digest, digest) else credential.old_until,
    ]
    return min((end for end in ends if end), default=None)


def name_api_key(id: int) -> str:
    """The actor name of a key in entries."""
    return f"key:{id}"


def make_key_principal(credential: Credential) -> Principal:
    """The principal of a key."""
    kinds, countries = (
        frozenset(decode(text)) for text in (credential.kinds, credential.countries)
    )
    scope = Scope(kinds, countries)
    return Principal(
        name_api_key(credential.id),
        Role(credential.role),
        scope,
        requests=credential.requests,
        writes=credential.writes,
    )


def show_scope(credential: Credential) -> dict[str, Any]:
    """The rights of a key as JSON."""
    shown: dict[str, Any] = {
        "role": credential.role,
        "expires": credential.expires,
        "note": credential.note,
    }
    shown |= {"requests": credential.requests, "writes": credential.writes}
    shown |= {"kinds": decode(credential.kinds), "countries": decode(credential.countries)}
    return {name: value for name, value in shown.items() if value}


def seal_key(credential: Credential) -> dict[str, str]:
    """The hash of a key's row in the audit log."""
    return seal_row(credential, SEALED)


def describe_key_row(credential: Credential) -> dict[str, Any]:
    """A new key's rights and the hash of its row, for the audit log."""
    return show_scope(credential) | seal_key(credential)


def show(credential: Credential) -> dict[str, Any]:
    """A key as JSON without its secret. Members that do not apply are absent."""
    fields = ("id", "prefix", "created", "created_by", "used", "revoked", "old_until")
    told = {name: value for name in fields if (value := getattr(credential, name))}
    return told | show_scope(credential)
