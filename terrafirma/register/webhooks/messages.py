"""Messages to webhooks by the Standard Webhooks specification: body, signature, retry schedule.

The message of an entry is identical in every attempt, including its id, so receivers can
deduplicate.
"""

import base64
import hashlib
import hmac
import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from standardwebhooks import Webhook as Signer

from terrafirma.register.log.history import show_entry
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import write_instant
from terrafirma.register.webhooks.filters import action_of
from terrafirma.storage.auth.deliveries import DEAD, DELIVERED, WAITING, Delivery
from terrafirma.storage.auth.webhooks import WebhookRow
from terrafirma.storage.register.entries import MARKED, EntryRow, Head

PREFIX = "whsec_"
TEST, REPLACED = "webhook.test", "register.replaced"

PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200)
"""Seconds before an attempt that follows as many failures in a row; the last also where there are more."""
JITTER = 0.2
"""Fraction of random extra pause, so that retries spread out."""
LIFE = timedelta(days=3)
"""How long a message is retried after its first attempt."""
LONGEST_PAUSE = timedelta(days=1)
"""The longest pause that a receiver may ask for."""
GONE = 410
"""Status with which a receiver unsubscribes."""


class Message(NamedTuple):
    """A message: its id, type, body and time."""

    id: str
    type: str
    at: str
    data: Any
    entry: int | None = None

    @property
    def body(self) -> bytes:
        """The bytes that are signed and sent."""
        return encode({"type": self.type, "timestamp": self.at, "data": self.data})


class DeliveryOutcome(NamedTuple):
    """The state of a delivery and of its webhook after an attempt."""

    state: str
    failures: int
    next_at: str | None
    gone: bool = False
    """True if the receiver unsubscribed."""


def entry_message(webhook: int, row: EntryRow) -> Message:
    """The message of an entry."""
    id = f"msg_{webhook}_{row.number}_{row.hash[:MARKED]}"
    return Message(id, f"{row.kind}.{action_of(row)}", row.at, show_entry(row), row.number)


def replaced_message(webhook: WebhookRow, head: Head, at: str) -> Message:
    """The message that the log was replaced, with its new head.

    A backup may be restored more than once, so the id includes the number of previous messages.
    """
    data = {"entries": head.number, "hash": head.hash}
    id = f"msg_{webhook.id}_replaced_{webhook.sent}_{head.number}_{head.hash[:MARKED]}"
    return Message(id, REPLACED, at, data)


def repeated_message(delivery: Delivery) -> Message:
    """The message of a delivery that is about no entry."""
    return Message(delivery.message, delivery.type, delivery.at, decode(delivery.data or "null"))


def make_secret(server: bytes, salt: str) -> str:
    """The signing secret of a webhook, derived from the server's secret and the salt."""
    return (
        PREFIX
        + base64.b64encode(
            hmac.new(server, b"webhook:" + salt.encode(), hashlib.sha256).digest()
        ).decode()
    )


def list_secrets(server: bytes, webhook: WebhookRow, instant: datetime) -> list[str]:
    """The secrets that sign a message: one, or two during a rotation."""
    salts = [webhook.salt]
    if webhook.old_salt and webhook.old_until and write_instant(instant) < webhook.old_until:
        salts.append(webhook.old_salt)
    return [make_secret(server, salt) for salt in salts]


def sign(secrets: list[str], id: str, body: bytes, instant: datetime) -> dict[str, str]:
    """Headers of a single delivery attempt."""
    signatures = [
        Signer(secret).sign(id, instant.astimezone(UTC), body.decode()) for secret in secrets
    ]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def decide_outcome(
    webhook: WebhookRow,
    first: str,
    status: int | None,
    instant: datetime,
    retry_after: str | None = None,
) -> DeliveryOutcome:
    """Decide the outcome of an attempt from the response, and the time of the first attempt."""
    if is_taken(status):
        return DeliveryOutcome(DELIVERED, 0, None)
    failures = webhook.failures + 1
    if status == GONE:
        return DeliveryOutcome(WAITING, failures, None, gone=True)
    end = datetime.fromisoformat(first) + LIFE
    if instant >= end:
        return DeliveryOutcome(DEAD, failures, None)
    pause = max(pause_after(failures), read_retry_after(retry_after, instant))
    return DeliveryOutcome(WAITING, failures, write_instant(min(instant + pause, end)))


def read_retry_after(text: str | None, instant: datetime) -> timedelta:
    """The pause that a receiver asks for, in seconds or until a date (RFC 9110), for a day at most; else none."""
    try:
        if text is None or re.fullmatch("[0-9]{1,9}", text.strip(), re.ASCII):
            asked = timedelta(seconds=int(text or 0))
        else:
            asked = parsedate_to_datetime(text) - instant
    except (ValueError, TypeError, OverflowError):
        return timedelta()
    return min(max(asked, timedelta()), LONGEST_PAUSE)


def is_taken(status: int | None) -> bool:
    """Return True if a status confirms delivery."""
    return status is not None and 200 <= status < 300


def pause_after(failures: int) -> timedelta:
    """The pause after this many consecutive failures."""
    seconds = PAUSES[min(failures, len(PAUSES)) - 1]
    return timedelta(seconds=seconds * (1 + random.uniform(0, JITTER)))  # noqa: S311 - it guards nothing
