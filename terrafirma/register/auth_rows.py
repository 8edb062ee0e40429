"""Compare the rows of the auth database with what the audit log says of them.

Every event that changes a key or a webhook has the hash of the row that it left. A user's row has
an e-mail address that the provider named at a sign-in.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from terrafirma.register.access import api_keys, users
from terrafirma.register.access.audit import ROW
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.webhooks import webhooks
from terrafirma.storage.auth.api_keys import list_credentials
from terrafirma.storage.auth.audit import AuditRow, scan_audit
from terrafirma.storage.auth.users import UserRow, list_users
from terrafirma.storage.auth.webhooks import list_all_webhooks
from terrafirma.storage.engine.database import Connection


class LoggedState(NamedTuple):
    """The state of the auth database by its log."""

    rows: dict[str, str | None]
    """By the name of a key or webhook, the hash of its row; None where older versions logged none."""
    blocked: dict[str, bool]
    """By the name of a user, True if blocked."""
    emails: dict[tuple[str, str], set[str]]
    """By issuer and subject, the addresses of sign-ins that are not redacted."""


def compare_auth_rows(connection: Connection) -> list[str]:
    """Every key, webhook and user that is not as the audit log says."""
    logged = read_logged(scan_audit(connection))
    keys = [
        (api_keys.name_api_key(each.id), api_keys.seal_key(each))
        for each in list_credentials(connection)
    ]
    hooks = [
        (webhooks.name(each.id), webhooks.seal_webhook(each))
        for each in list_all_webhooks(connection)
    ]
    return [
        *compare_sealed({name: seal[ROW] for name, seal in (*keys, *hooks)}, logged.rows),
        *(fault for person in list_users(connection) for fault in compare_user(person, logged)),
    ]


def read_logged(lines: Iterable[AuditRow]) -> LoggedState:
    """The state that follows from the lines of the log."""
    rows: dict[str, str | None] = {}
    blocked: dict[str, bool] = {}
    emails: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines:
        details: dict[str, Any] = decode(line.details)
        if ROW in details or line.event in ("key-created", "webhook-created"):
            rows[line.about] = details.get(ROW)
        elif line.event in (users.BLOCKED, users.ADMITTED):
            blocked[line.about] = line.event == users.BLOCKED
        elif line.event in ("sign-in", "sign-in-refused") and line.personal:
            personal = decode(line.personal)
            emails[personal["issuer"], personal["subject"]].add(personal["email"])
    return LoggedState(rows, blocked, emails)


def compare_sealed(found: dict[str, str], logged: dict[str, str | None]) -> Iterator[str]:
    """Yield the rows that differ from the log, that it does not know, or that are gone."""
    for name, seal in found.items():
        if name not in logged:
            yield f"{name} is not in the audit log"
        elif logged[name] not in (seal, None):
            yield f"{name} is not as the audit log says"
    yield from (f"{name} is missing" for name in logged if name not in found)


def compare_user(person: UserRow, logged: LoggedState) -> Iterator[str]:
    """Yield the faults of a user's row; nothing is known of the address of a redacted user."""
    name = users.name_user(person.id)
    known = logged.emails.get((person.issuer, person.subject))
    if person.email is not None and known is not None and person.email not in known:
        yield f"{name} has an e-mail address that no sign-in had"
    if (person.blocked is not None) != logged.blocked.get(name, False):
        yield f"{name} is blocked or admitted without an entry in the audit log"
