"""Deliveries to webhooks, sent and pending: a row per message, numbered per webhook."""

from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, insert, select, update

from terrafirma.storage.auth.auth_tables import deliveries
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.prepared_statements import Prepared

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
STATES = (WAITING, DELIVERED, DEAD)


class Delivery(NamedTuple):
    """A message to a webhook and the result of its last attempt."""

    webhook: int
    number: int
    message: str
    """The message's id, the same in every attempt."""
    type: str
    entry: int | None
    """The entry it is about; None for other messages."""
    data: str | None
    """JSON data of a message that is not about an entry."""
    asked: int
    """1 if a user requested it out of turn."""
    state: str
    at: str
    attempts: int = 0
    tried_at: str | None = None
    status: int | None = None
    error: str | None = None
    answer: str | None = None
    ms: int | None = None


ADD = Prepared(insert(deliveries))


def add_delivery(connection: Connection, delivery: Delivery) -> None:
    """Keep a new delivery."""
    ADD.run(connection, delivery._asdict())


def replace_delivery(connection: Connection, delivery: Delivery) -> None:
    """Keep a delivery as it is now."""
    same = and_(deliveries.c.webhook == delivery.webhook, deliveries.c.number == delivery.number)
    connection.execute(update(deliveries).where(same).values(delivery._asdict()))


def find_delivery(connection: Connection, webhook: int, number: int) -> Delivery | None:
    """A delivery by its number."""
    query = select(deliveries).where(deliveries.c.webhook == webhook, deliveries.c.number == number)
    row = connection.execute(query).first()
    return Delivery(*row) if row else None


def list_deliveries(
    connection: Connection,
    webhook: int,
    limit: int,
    state: str | None = None,
    before: int | None = None,
) -> list[Delivery]:
    """Deliveries of a webhook, newest first, in a state or all, with numbers below `before`."""
    query = (
        select(deliveries)
        .where(deliveries.c.webhook == webhook)
        .order_by(deliveries.c.number.desc())
        .limit(limit)
    )
    query = query.where(deliveries.c.state == state) if state else query
    query = query.where(deliveries.c.number < before) if before is not None else query
    return [Delivery(*row) for row in connection.execute(query)]


def list_waiting(connection: Connection, webhook: int) -> list[Delivery]:
    """Pending deliveries of a webhook, oldest first: those requested by users, and at most one from
    the log."""
    query = select(deliveries).where(deliveries.c.webhook == webhook, deliveries.c.state == WAITING)
    return [Delivery(*row) for row in connection.execute(query.order_by(deliveries.c.number))]


def abandon_turn(connection: Connection, webhook: int, **values: Any) -> None:
    """Mark the pending delivery from the log, if any, as abandoned."""
    waiting = and_(
        deliveries.c.webhook == webhook, deliveries.c.state == WAITING, deliveries.c.asked == 0
    )
    connection.execute(update(deliveries).where(waiting).values(values))


def remove_deliveries(connection: Connection, webhook: int) -> None:
    """Delete the deliveries of a webhook."""
    connection.execute(delete(deliveries).where(deliveries.c.webhook == webhook))


def remove_old(connection: Connection, before: str, limit: int) -> int:
    """Forget deliveries that ended and were made before an instant; how many."""
    old = select(deliveries.c.webhook, deliveries.c.number).where(
        deliveries.c.at < before, deliveries.c.state != WAITING
    )
    rows = [tuple(row) for row in connection.execute(old.limit(limit))]
    for webhook, number in rows:
        connection.execute(
            delete(deliveries).where(deliveries.c.webhook == webhook, deliveries.c.number == number)
        )
    return len(rows)


def count_deliveries(connection: Connection) -> list[tuple[str, int]]:
    """The number of deliveries by state."""
    counted = (
        select(deliveries.c.state, func.count())
        .group_by(deliveries.c.state)
        .order_by(deliveries.c.state)
    )
    return [(state, count) for state, count in connection.execute(counted)]
