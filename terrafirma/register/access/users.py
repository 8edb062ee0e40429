"""Users who sign in, and the roles that the settings give them."""

import re

from terrafirma.errors import ConfigurationError, NotFound
from terrafirma.register.access import audit
from terrafirma.register.access.audit import record_event
from terrafirma.register.access.roles import Principal, Role
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import now
from terrafirma.storage.auth import users
from terrafirma.storage.auth.audit import AuditRow
from terrafirma.storage.auth.auth_database import next_id
from terrafirma.storage.auth.sessions import end_sessions
from terrafirma.storage.auth.users import UserRow
from terrafirma.storage.engine.database import Connection

RULE = re.compile(r"(\*|[^\s@=*]*@[^\s@=*]+)=(reader|editor|admin)")
ANYONE = "*"

Rules = dict[str, Role]
"""Roles by e-mail address, by domain with an `@` before it, or for anyone."""


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


def find_role(rules: Rules, email: str | None) -> Role | None:
    """The role for an address: by its own rule, then its domain's, then the default. None if no
    rule matches."""
    if email is None:
        return None
    address = email.lower()
    names = (address, "@" + address.rpartition("@")[2], ANYONE)
    return next((rules[name] for name in names if name in rules), None)


def welcome(
    connection: Connection, issuer: str, subject: str, email: str, name: str | None
) -> UserRow:
    """Create or update the user who signed in."""
    known, instant = users.find_subject(connection, issuer, subject), now()
    if known is not None:
        person = known._replace(email=email, name=name, seen=instant)
        users.replace_user(connection, person)
    else:
        person = UserRow(
            next_id(connection, "people"), issuer, subject, email, name, instant, instant
        )
        users.add_user(connection, person)
    return person


def block(connection: Connection, actor: str, id: int) -> None:
    """Keep someone out, and end their sessions."""
    person = find(connection, id)
    users.replace_user(connection, person._replace(blocked=person.blocked or now()))
    end_sessions(connection, id)
    record_event(connection, actor, "person-blocked", name_actor(id))


def admit(connection: Connection, actor: str, id: int) -> None:
    """Let someone in again."""
    users.replace_user(connection, find(connection, id)._replace(blocked=None))
    record_event(connection, actor, "person-admitted", name_actor(id))


def redact(connection: Connection, actor: str, id: int) -> int:
    """Erase a user's personal details here and in the audit log, and end their sessions; return the
    number of log rows."""
    person = find(connection, id)
    # Nobody is called so: whoever signs in again is someone new.
    users.replace_user(
        connection, person._replace(subject=f"redacted {id}", issuer="", email=None, name=None)
    )
    end_sessions(connection, id)
    own, same = name_actor(id), (person.issuer, person.subject)
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


def name_actor(id: int) -> str:
    """The actor name of a user in entries."""
    return f"person:{id}"


def make_principal(person: UserRow, rules: Rules) -> Principal | None:
    """The principal of a user; None if blocked or without a role."""
    role = None if person.blocked else find_role(rules, person.email)
    return Principal(name_actor(person.id), role) if role else None
