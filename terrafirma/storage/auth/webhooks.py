"""Webhooks as stored: the position of each in the log, and the sender that owns it.

A sender owns a webhook while its lease lasts. Its updates name the lease and the version it read,
so a sender that lost its lease, or knows an older address, changes nothing.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from terrafirma.storage.auth.auth_tables import deliveries, webhooks
from terrafirma.storage.auth.deliveries import WAITING
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.prepared_statements import Prepared


class WebhookRow(NamedTuple):
    """A webhook. Instants are as entries carry them."""

    id: int
    url: str
    description: str | None
    filters: str
    """Its filters as JSON."""
    salt: str
    """Salt of its secret, combined with the server's secret; the old salt is valid until it ends.
    """
    old_salt: str | None
    old_until: str | None
    created: str
    created_by: str
    deleted: str | None
    paused: str | None
    reason: str | None
    """The reason for an automatic pause."""
    version: int
    """Goes up whenever someone changes it."""
    position: int
    """The last entry that is done, and its mark."""
    mark: str
    sent: int
    """The number of its last delivery."""
    failures: int
    """Attempts in a row that failed."""
    next_at: str | None
    """The time of the next attempt; None: at once."""
    lease: str | None
    lease_until: str | None


LIVING = webhooks.c.deleted.is_(None)
"""Those that are deleted stay as rows, empty, so that no id returns."""
ASKED = exists().where(
    deliveries.c.webhook == webhooks.c.id, deliveries.c.state == WAITING, deliveries.c.asked == 1
)  # fmt: skip
"""Condition: a user requested a delivery out of turn."""


MOVED = ("position", "mark", "failures", "next_at", "paused", "reason")
"""Columns that a sender updates after each message."""
ADVANCE = Prepared(
    update(webhooks)
    .where(
        webhooks.c.id == bindparam("webhook"),
        webhooks.c.lease == bindparam("holder"),
        webhooks.c.version == bindparam("known"),
    )
    .values(
        {name: bindparam(name) for name in MOVED}
        | {"sent": webhooks.c.sent + bindparam("more", type_=BigInteger)}
    )
    .returning(webhooks.c.sent)
)


def find_webhook(connection: Connection, id: int) -> WebhookRow | None:
    """A webhook by its id."""
    row = connection.execute(select(webhooks).where(webhooks.c.id == id, LIVING)).first()
    return WebhookRow(*row) if row else None


def list_webhooks(connection: Connection) -> list[WebhookRow]:
    """Every webhook, by id."""
    return [
        WebhookRow(*row)
        for row in connection.execute(select(webhooks).where(LIVING).order_by(webhooks.c.id))
    ]


def list_all_webhooks(connection: Connection) -> list[WebhookRow]:
    """Every row of a webhook there ever was, by id."""
    rows = connection.execute(select(webhooks).order_by(webhooks.c.id))
    return [WebhookRow(*row) for row in rows]


def has_webhooks(connection: Connection) -> bool:
    """Return True if there is a webhook."""
    return connection.scalar(select(webhooks.c.id).where(LIVING).limit(1)) is not None


def add_webhook(connection: Connection, webhook: WebhookRow) -> None:
    """Keep a new webhook."""
    connection.execute(insert(webhooks).values(webhook._asdict()))


def change_webhook(connection: Connection, id: int, **values: Any) -> None:
    """Update a webhook for a user; its sender notices before its next update."""
    changed = values | {"version": webhooks.c.version + 1}
    connection.execute(update(webhooks).where(webhooks.c.id == id).values(changed))


def number_delivery(connection: Connection, id: int) -> int:
    """Take the number of a webhook's next delivery."""
    counted = update(webhooks).where(webhooks.c.id == id).values(sent=webhooks.c.sent + 1)
    return int(connection.execute(counted.returning(webhooks.c.sent)).scalar_one())


def list_due(connection: Connection, now: str) -> list[tuple[WebhookRow, bool]]:
    """Webhooks without a sender that are due, each with a flag for requested deliveries."""
    free = or_(webhooks.c.lease_until.is_(None), webhooks.c.lease_until < now)
    due = and_(
        webhooks.c.paused.is_(None), or_(webhooks.c.next_at.is_(None), webhooks.c.next_at <= now)
    )
    query = (
        select(webhooks, ASKED.label("asked"))
        .where(LIVING, free, or_(due, ASKED))
        .order_by(webhooks.c.id)
    )
    return [(WebhookRow(*row[:-1]), bool(row[-1])) for row in connection.execute(query)]


def take_webhook(
    connection: Connection, id: int, lease: str, now: str, until: str
) -> WebhookRow | None:
    """Lease a webhook to a sender; None if another sender has it."""
    free = or_(webhooks.c.lease_until.is_(None), webhooks.c.lease_until < now)
    taken = (
        update(webhooks)
        .where(webhooks.c.id == id, LIVING, free)
        .values(lease=lease, lease_until=until)
    )
    row = connection.execute(taken.returning(*webhooks.c)).first()
    return WebhookRow(*row) if row else None


def keep_leases(connection: Connection, lease: str, until: str) -> None:
    """Let a courier have the webhooks it has for longer."""
    connection.execute(update(webhooks).where(webhooks.c.lease == lease).values(lease_until=until))


def advance_webhook(
    connection: Connection, webhook: WebhookRow, counted: bool
) -> WebhookRow | None:
    """Store a sender's progress, with a new delivery if one is counted.

    Returns None without changes if the lease was lost or a user changed the webhook.
    """
    owner = {
        "webhook": webhook.id,
        "holder": webhook.lease,
        "known": webhook.version,
        "more": int(counted),
    }
    row = ADVANCE.first(connection, {name: getattr(webhook, name) for name in MOVED} | owner)
    return webhook._replace(sent=row[0]) if row else None


def release_webhook(connection: Connection, webhook: WebhookRow) -> None:
    """Give a webhook back."""
    connection.execute(update(webhooks).where(owned(webhook)).values(lease=None, lease_until=None))


def owned(webhook: WebhookRow) -> ColumnElement[bool]:
    """Condition: the sender still owns the webhook."""
    return and_(webhooks.c.id == webhook.id, webhooks.c.lease == webhook.lease)
