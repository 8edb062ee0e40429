"""Users who sign in, and the roles that the settings give them."""

import re
from collections.abc import Sequence

from terrafirma.errors import ConfigurationError, NotFound
from terrafirma.register.access import audit
from terrafirma.register.access.audit import record_event
from terrafirma.register.access.roles import RANKS, Principal, Role
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import now
from terrafirma.storage.auth import users
from terrafirma.storage.auth.audit import AuditRow
from terrafirma.storage.auth.auth_database import next_id
from terrafirma.storage.auth.sessions import end_sessions
from terrafirma.storage.auth.users import UserRow
from terrafirma.storage.engine.database import Connection

BLOCKED, ADMITTED = "person-blocked", "person-admitted"
"""Events of the audit log."""

CLAIM = "claim:"
"""Begins a rule for a value of the claim that TERRAFIRMA_OIDC_CLAIM names."""
RULE = re.compile(rf"(\*|[^\s@=*]*@[^\s@=*]+|{CLAIM}[^=]+)=(reader|editor|admin)")
ANYONE = "*"

Rules = dict[str, Role]
"""Roles by e-mail address, by domain with an `@` before it, by a value of a claim, or for anyone."""


def read_rules(text: str) -> Rules:
    """Rules as the settings have them: `ann@example.org=admin,@example.org=editor`. Unusable if they are not that."""
    rules: Rules = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = RULE.fullmatch(part)
        if match is None:
            example = "ann@example.org=admin,@example.org=editor"
            raise ConfigurationError(
                f'TERRAFIRMA_OIDC_ROLES must be such as {example}; "{part[:80]}" is not.'
            )
        rules[match[1].lower()] = Role(match[2])
    return rules


def find_role(rules: Rules, email: str | None, values: Sequence[str] = ()) -> Role | None:
    """The role by an address's own rule, then the highest by values of the claim, then by its domain, then the
    default. None if no rule matches."""
    address = (email or "").lower()
    if address in rules:
        return rules[address]
    by_claim = [
        rules[name] for name in (CLAIM + value.lower() for value in values) if name in rules
    ]
    if by_claim:
        return max(by_claim, key=RANKS.__getitem__)
    names = ("@" + address.rpartition("@")[2], ANYONE) if address else ()
    return next((rules[name] for name in names if name in rules), None)


def welcome(
    connection: Connection,
    issuer: str,
    subject: str,
    email: str | None,
    name: str | None,
    values: Sequence[str] = (),
) -> UserRow:
    """Create or update the user who signed in."""
    known, instant = users.find_subject(connection, issuer, subject), now()
    claims = encode(list(values)).decode() if values else None
    if known is not None:
        person = known._replace(email=email, name=name, seen=instant, claims=claims)
        users.replace_user(connection, person)
    else:
        id = next_id(connection, "people")
        person = UserRow(id, issuer, subject, email, name, instant, instant, claims=claims)
        users.add_user(connection, person)
    return person


def block(connection: Connection, actor: str, id: int) -> None:
    """Keep someone out, and end their sessions."""
    person = find(connection, id)
    users.replace_user(connection, person._replace(blocked=person.blocked or now()))
    end_sessions(connection, id)
    record_event(connection, actor, BLOCKED, name_user(id))


def admit(connection: Connection, actor: str, id: int) -> None:
    """Let someone in again."""
    users.replace_user(connection, find(connection, id)._replace(blocked=None))
    record_event(connection, actor, ADMITTED, name_user(id))


def redact(connection: Connection, actor: str, id: int) -> int:
    """Erase a user's personal details here and in the audit log, and end their sessions; return the
    number of log rows."""
    person = find(connection, id)
    # Nobody is called so: whoever signs in again is someone new.
    users.replace_user(
        connection,
        person._replace(subject=f"redacted {id}", issuer="", email=None, name=None, claims=None),
    )
    end_sessions(connection, id)
    own, same = name_user(id), (person.issuer, person.subject)
    return audit.redact(
        connection, actor, own, lambda row: own in (row.actor, row.about) or names(row, same)
    )


def names(row: AuditRow, same: tuple[str, str]) -> bool:
    """Return True if a row belongs to the user with this subject."""
    personal = decode(row.personal or "{}")
    return (personal.get("issuer"), personal.get("subject")) == same


def find(connection: Connection, id: int) -> UserRow:
    """Someone by id."""
    person = users.find_user(connection, id)
    if person is None:
        raise NotFound(f"There is no person {id}.")
    return person


def name_user(id: int) -> str:
    """The actor name of a user in entries."""
    return f"person:{id}"


def role_of(rules: Rules, person: UserRow) -> Role | None:
    """The role of a user by what the provider said at the last sign-in."""
    return find_role(rules, person.email, decode(person.claims or "[]"))


def make_user_principal(person: UserRow, rules: Rules) -> Principal | None:
    """The principal of a user; None if blocked or without a role."""
    role = None if person.blocked else role_of(rules, person)
    return Principal(name_user(person.id), role) if role else None
