"""Webhooks, as they are kept: where each has come to in the log, and which courier delivers to it.

A courier owns a webhook while its lease lasts. Whatever it writes of one names the lease and the version it
read, so neither one that lost its lease nor one that knows an older address changes anything.
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
from terrafirma.storage.engine.prepared import Prepared


class WebhookRow(NamedTuple):
    """A webhook. Instants are as entries carry them."""

    id: int
    url: str
    description: str | None
    filters: str
    """JSON: what it is told of."""
    salt: str
    """What its secret is made of, with the server's; the old one's counts until it ends."""
    old_salt: str | None
    old_until: str | None
    created: str
    created_by: str
    deleted: str | None
    paused: str | None
    reason: str | None
    """Why it is paused, if nobody asked for it."""
    version: int
    """Goes up whenever someone changes it."""
    position: int
    """The last entry it needs no more be told of, and its mark."""
    mark: str
    sent: int
    """The number of its last delivery."""
    failures: int
    """Attempts in a row that failed."""
    next_at: str | None
    """When it is tried again; None: at once."""
    lease: str | None
    lease_until: str | None


LIVING = webhooks.c.deleted.is_(None)
"""Those that are deleted stay as rows, empty, so that no id returns."""
ASKED = exists().where(
    deliveries.c.webhook == webhooks.c.id, deliveries.c.state == WAITING, deliveries.c.asked == 1
)  # fmt: skip
"""That someone asked for a delivery out of turn."""


MOVED = ("position", "mark", "failures", "next_at", "paused", "reason")
"""What a courier writes down after each message."""
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


def has_webhooks(connection: Connection) -> bool:
    """Whether there is any webhook."""
    return connection.scalar(select(webhooks.c.id).where(LIVING).limit(1)) is not None


def add_webhook(connection: Connection, webhook: WebhookRow) -> None:
    """Keep a new webhook."""
    connection.execute(insert(webhooks).values(webhook._asdict()))


def change_webhook(connection: Connection, id: int, **values: Any) -> None:
    """Keep what someone decided about a webhook: whoever delivers to it learns of it before it writes again."""
    changed = values | {"version": webhooks.c.version + 1}
    connection.execute(update(webhooks).where(webhooks.c.id == id).values(changed))


def number_delivery(connection: Connection, id: int) -> int:
    """The number of a webhook's next delivery, which is that one's from now on."""
    counted = update(webhooks).where(webhooks.c.id == id).values(sent=webhooks.c.sent + 1)
    return int(connection.execute(counted.returning(webhooks.c.sent)).scalar_one())


def list_due(connection: Connection, now: str) -> list[tuple[WebhookRow, bool]]:
    """Webhooks that nobody delivers to and that may be tried now, and whether someone asked for a delivery."""
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
    """Give a webhook to a courier; None if it is another one's."""
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
    """Keep how far a courier came, as the webhook now says, with a new delivery if one is to be counted.

    None, and nothing changed, if the webhook is its no more or was changed by someone.
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
    """That a webhook is still its courier's."""
    return and_(webhooks.c.id == webhook.id, webhooks.c.lease == webhook.lease)
