"""Webhooks: create, change, rotate, test and replay. Webhook senders read their messages from the
log.

The signing secret is derived from the server's secret and a salt in the auth database, so neither
alone can sign. It is shown once.
"""

import secrets
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from terrafirma.errors import Conflict, Detail, Invalid, NotFound
from terrafirma.register.access.audit import record_event, seal_row
from terrafirma.register.log.history import GENESIS
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import DAY, later, now
from terrafirma.register.webhooks.filters import WebhookFilters
from terrafirma.register.webhooks.messages import TEST, make_secret
from terrafirma.storage.auth import deliveries, webhooks
from terrafirma.storage.auth.auth_database import next_id
from terrafirma.storage.auth.deliveries import DEAD, WAITING, Delivery
from terrafirma.storage.auth.webhooks import WebhookRow
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import Head, find_head, read_head

MOST = 100
"""Webhooks per register: each uses a worker thread while it has messages to send."""
OVERLAP = DAY
"""Default number of seconds for which the old secret also signs."""
ACTIVE, FAILING, PAUSED = "active", "failing", "paused"
STATES = (ACTIVE, FAILING, PAUSED)
SEALED = (
    "id", "url", "description", "filters", "salt", "old_salt", "old_until", "created", "created_by",
    "deleted", "paused",
)  # fmt: skip
"""Columns that only change with an event of the audit log."""
ABANDONED = "Given up: the webhook was changed so that it is not this message's turn any more."


@dataclass
class DeliveryView:
    """A delivery as JSON."""

    number: int
    message: str
    type: str
    entry: int | None
    state: str
    at: str
    attempts: int
    tried_at: str | None
    next_try: str | None
    status: int | None
    error: str | None
    answer: str | None
    ms: int | None


def create(
    connection: Connection,
    server: bytes,
    actor: str,
    url: str,
    filters: WebhookFilters,
    place: Head,
    description: str | None,
) -> tuple[WebhookRow, str]:
    """Create a webhook that starts after a place in the log; return it and its secret, which is
    shown once."""
    if len(webhooks.list_webhooks(connection)) >= MOST:
        raise Conflict(
            f"There are {MOST} webhooks, as many as a register has; delete a webhook first."
        )
    salt, nothing = make_salt(), (None,) * 2
    about = (
        next_id(connection, "webhooks"),
        url,
        description,
        write_filters(filters),
        salt,
        *nothing,
        now(),
        actor,
    )
    made = WebhookRow(*about, None, *nothing, 1, place.number, place.mark, 0, 0, None, *nothing)
    webhooks.add_webhook(connection, made)
    record_event(
        connection,
        actor,
        "webhook-created",
        name(made.id),
        {"to": name_receiver(url)} | show_filters(made) | seal_webhook(made),
    )
    return made, make_secret(server, salt)


def change(connection: Connection, actor: str, id: int, **values: Any) -> WebhookRow:
    """Change a webhook's `url`, `description`, filters or `paused`."""
    old = find_webhook(connection, id)
    changed: dict[str, Any] = {
        part: values[part] for part in ("url", "description") if part in values
    }
    filters = {part: values[part] for part in WebhookFilters._fields if part in values}
    changed["filters"] = write_filters(read_webhook_filters(old)._replace(**filters))
    if "paused" in values and values["paused"] != bool(old.paused):
        changed |= {"paused": now() if values["paused"] else None, "reason": None}
    told = {part: value for part, value in changed.items() if value != getattr(old, part)}
    if not told:
        return old
    # Whatever was changed may be what it waited for.
    webhooks.change_webhook(connection, id, **told, failures=0, next_at=None)
    if "filters" in told:
        deliveries.abandon_turn(connection, id, state=DEAD, error=ABANDONED)
    new = find_webhook(connection, id)
    details = describe_change(told, new) | seal_webhook(new)
    record_event(connection, actor, "webhook-changed", name(id), details)
    return new


def delete(connection: Connection, actor: str, id: int) -> None:
    """Delete a webhook and its deliveries. Its id is not reused."""
    old, instant = find_webhook(connection, id), now()
    emptied = {"url": "", "description": None, "filters": "{}", "salt": "", "old_salt": None}
    webhooks.change_webhook(connection, id, **emptied, deleted=instant)
    deliveries.remove_deliveries(connection, id)
    left = old._replace(url="", description=None, filters="{}", salt="", old_salt=None)
    record_event(
        connection, actor, "webhook-deleted", name(id), seal_webhook(left._replace(deleted=instant))
    )


def rotate(
    connection: Connection, server: bytes, actor: str, id: int, overlap: float = OVERLAP
) -> tuple[WebhookRow, str]:
    """Create a new secret, shown once; the old secret also signs for `overlap` seconds."""
    old, salt = find_webhook(connection, id), make_salt()
    until = later(overlap)
    webhooks.change_webhook(connection, id, salt=salt, old_salt=old.salt, old_until=until)
    new = find_webhook(connection, id)
    details = {"old_until": until} | seal_webhook(new)
    record_event(connection, actor, "webhook-rotated", name(id), details)
    return new, make_secret(server, salt)


def replay(connection: Connection, actor: str, id: int, place: Head) -> WebhookRow:
    """Move a webhook's place in the log, to resend earlier entries or to skip entries."""
    find_webhook(connection, id)
    webhooks.change_webhook(
        connection, id, position=place.number, mark=place.mark, failures=0, next_at=None
    )
    deliveries.abandon_turn(connection, id, state=DEAD, error=ABANDONED)
    record_event(connection, actor, "webhook-replayed", name(id), {"since": place.number})
    return find_webhook(connection, id)


def test(connection: Connection, actor: str, id: int) -> Delivery:
    """Queue a test message, sent at once even while the webhook is paused."""
    find_webhook(connection, id)
    number = webhooks.number_delivery(connection, id)
    message = f"msg_{id}_test_{secrets.token_hex(8)}"
    data = encode({"webhook": id}).decode()
    made = Delivery(id, number, message, TEST, None, data, 1, WAITING, now())
    deliveries.add_delivery(connection, made)
    record_event(connection, actor, "webhook-tested", name(id), {"delivery": number})
    return made


def retry(connection: Connection, actor: str, id: int, number: int) -> Delivery:
    """Send a dead message once more, out of turn. Conflict for any other."""
    delivery = find_delivery(connection, id, number)
    if delivery.state != DEAD:
        raise Conflict(f"Only a dead delivery can be tried again; it is {delivery.state}.")
    again = delivery._replace(state=WAITING, asked=1)
    deliveries.replace_delivery(connection, again)
    record_event(connection, actor, "webhook-retried", name(id), {"delivery": number})
    return again


def find_webhook(connection: Connection, id: int) -> WebhookRow:
    """A webhook by its id. NotFound."""
    webhook = webhooks.find_webhook(connection, id)
    if webhook is None:
        raise NotFound(f"There is no webhook {id}.")
    return webhook


def find_delivery(connection: Connection, id: int, number: int) -> Delivery:
    """A delivery of a webhook by its number. NotFound."""
    find_webhook(connection, id)
    delivery = deliveries.find_delivery(connection, id, number)
    if delivery is None:
        raise NotFound(
            f"Webhook {id} has no delivery {number}; old deliveries are deleted after a while."
        )
    return delivery


def find_place(connection: Connection, since: int | None) -> Head:
    """The entry after which a webhook starts: the last entry, or the given number."""
    head = read_head(connection)
    if since is None or since == head.number:
        return head
    if since > head.number:
        rule = f"must be the number of an entry; the last one is {head.number}"
        raise Invalid("The webhook is not valid.", [Detail("since", rule, "range")])
    return find_head(connection, since) or Head(0, "", GENESIS)


def seal_webhook(webhook: WebhookRow) -> dict[str, str]:
    """The hash of a webhook's row in the audit log."""
    return seal_row(webhook, SEALED)


def read_webhook_filters(webhook: WebhookRow) -> WebhookFilters:
    """The filters of a webhook."""
    return WebhookFilters(
        **{part: tuple(values) for part, values in decode(webhook.filters).items()}
    )


def write_filters(filters: WebhookFilters) -> str:
    """Filters as they are kept."""
    return encode({part: values for part, values in filters._asdict().items() if values}).decode()


def show_filters(webhook: WebhookRow) -> dict[str, Any]:
    """Filters as JSON."""
    shown: dict[str, Any] = decode(webhook.filters)
    return shown


def show(webhook: WebhookRow, head: Head) -> dict[str, Any]:
    """A webhook as JSON without its secret, with its distance to the log's head. Members that do
    not apply are absent."""
    failing = FAILING if webhook.failures else ACTIVE
    told = {"id": webhook.id, "url": webhook.url, "state": PAUSED if webhook.paused else failing}
    told |= {"position": webhook.position, "behind": max(head.number - webhook.position, 0)}
    told |= {"failures": webhook.failures, "deliveries": webhook.sent}
    more = {
        part: getattr(webhook, part)
        for part in ("description", "paused", "reason", "created", "created_by")
    }
    more |= {"next_try": webhook.next_at, "old_until": webhook.old_until}
    return told | {part: value for part, value in more.items() if value} | show_filters(webhook)


def view_delivery(delivery: Delivery, webhook: WebhookRow) -> DeliveryView:
    """A delivery as its current JSON view."""
    waits = delivery.state == WAITING and not delivery.asked and not webhook.paused
    told = {
        field.name: getattr(delivery, field.name)
        for field in fields(DeliveryView)
        if field.name != "next_try"
    }
    return DeliveryView(**told, next_try=webhook.next_at if waits else None)


def describe_change(told: dict[str, Any], new: WebhookRow) -> dict[str, Any]:
    """The audit details of a change; of a URL only the host, since its path may be a secret."""
    said: dict[str, Any] = {"to": name_receiver(new.url)} if "url" in told else {}
    said |= {"filters": show_filters(new)} if "filters" in told else {}
    said |= {"paused": bool(new.paused)} if "paused" in told else {}
    return said | ({"description": new.description} if "description" in told else {})


def name(id: int) -> str:
    """The name of a webhook in the audit log."""
    return f"webhook:{id}"


def name_receiver(url: str) -> str:
    """The scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def make_salt() -> str:
    """Random bits that make a secret with the server's."""
    return secrets.token_hex(24)
