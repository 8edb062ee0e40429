"""What was sent to webhooks, or is to be sent: a row for each message, counted for each webhook."""

from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, insert, select, update

from terrafirma.storage.auth.auth_tables import deliveries
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.prepared import Prepared

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
STATES = (WAITING, DELIVERED, DEAD)


class Delivery(NamedTuple):
    """A message to a webhook, and what came of its last attempt."""

    webhook: int
    number: int
    message: str
    """The message's id, the same in every attempt."""
    type: str
    entry: int | None
    """The entry it tells of; None where it tells of none."""
    data: str | None
    """JSON of what it tells, where that is no entry."""
    asked: int
    """Whether someone asked for it out of turn."""
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
    """Deliveries of a webhook, newest first, of one state or all, older than one of a number."""
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
    """What is to be sent to a webhook, or sent again, oldest first: what someone asked for, and one of the log."""
    query = select(deliveries).where(deliveries.c.webhook == webhook, deliveries.c.state == WAITING)
    return [Delivery(*row) for row in connection.execute(query.order_by(deliveries.c.number))]


def abandon_turn(connection: Connection, webhook: int, **values: Any) -> None:
    """Keep of the log's delivery that is to be sent again, if there is one, that it no longer is."""
    waiting = and_(
        deliveries.c.webhook == webhook, deliveries.c.state == WAITING, deliveries.c.asked == 0
    )
    connection.execute(update(deliveries).where(waiting).values(values))


def remove_deliveries(connection: Connection, webhook: int) -> None:
    """Forget what was sent to a webhook."""
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
    """How many deliveries there are in each state."""
    counted = (
        select(deliveries.c.state, func.count())
        .group_by(deliveries.c.state)
        .order_by(deliveries.c.state)
    )
    return [(state, count) for state, count in connection.execute(counted)]
