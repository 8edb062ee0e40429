"""Webhook senders deliver the log to webhooks, complete and in order.

The log is the outbox, so writers need not know about webhooks. The auth database stores each
webhook's position in the log; a sender takes a lease, reads from there, sends, and stores the
position after every message. If it dies in between, at most one message is sent twice.
"""

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from terrafirma.config import Network
from terrafirma.deferred import Deferred
from terrafirma.register.access.audit import record_event
from terrafirma.register.model import clock
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.clock import later, now, write_instant
from terrafirma.register.webhooks.filters import Matcher
from terrafirma.register.webhooks.messages import (
    REPLACED,
    Message,
    decide_outcome,
    entry_message,
    is_taken,
    list_secrets,
    repeated_message,
    replaced_message,
    sign,
)
from terrafirma.register.webhooks.webhooks import MOST, name, read_webhook_filters, seal_webhook
from terrafirma.storage.auth import deliveries, webhooks
from terrafirma.storage.auth.deliveries import DEAD, DELIVERED, WAITING, Delivery
from terrafirma.storage.auth.webhooks import WebhookRow
from terrafirma.storage.engine.database import Connection, Database, OperationalError
from terrafirma.storage.register.entries import (
    EntryRange,
    EntryRow,
    Head,
    find_entry,
    find_head,
    list_entries,
    read_head,
)
from terrafirma.telemetry import get_logger

if TYPE_CHECKING:
    from terrafirma.outbound import GuardedConnection, OutboundAnswer

outbound = Deferred("terrafirma.outbound")


BATCH = 100
"""Entries read at once."""
TURN_SECONDS = 1.0
"""Seconds of sending entries before requested deliveries are checked."""
LOOK_SECONDS = 0.2
"""Seconds between checks for new entries."""
IDLE_SECONDS = 1.0
"""Seconds between checks without new entries: a retry may be due."""
LEASE_SECONDS, BEAT_SECONDS = 10.0, 2.0
"""Lease of a sender in seconds, and the interval of its renewal."""
FAULT_SECONDS = 5.0
"""Pause of a webhook in seconds after an error of ours."""
GONE = "The receiver answered 410 Gone: it wants no more messages."
ACTOR = "worker"
"""The actor that pauses a webhook whose receiver unsubscribed."""
LOST = "The log was replaced, and this entry is not in it."

log = get_logger()


class LeaseLost(Exception):
    """The lease was lost or a user changed the webhook; the loaded row is outdated."""


class WebhookSender:
    """Finds webhooks with messages to send and serves each in a thread."""

    def __init__(
        self, register: Database, vault: Database, server: bytes, networks: tuple[Network, ...]
    ) -> None:
        self.register, self.vault = register, vault
        self.server, self.networks = server, networks
        self.stop = threading.Event()
        self._lease = secrets.token_hex(8)
        self._busy: set[int] = set()
        self._shunned: dict[int, float] = {}
        self._beaten = 0.0
        self._seen: tuple[bytes, bytes] | None = None
        self._looked = 0.0

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set; then let current requests finish."""
        self.stop = stop
        with ThreadPoolExecutor(MOST, "webhook") as pool:
            while not stop.wait(LOOK_SECONDS):
                self._turn(pool)
            while self._busy:
                self._turn(None)
                time.sleep(LOOK_SECONDS)

    def _turn(self, pool: ThreadPoolExecutor | None) -> None:
        """Keep the webhooks that are served and, with a pool, serve others that it is time for."""
        try:
            self._keep_leases()
            if pool is not None and self._is_time():
                for id in self.list_due():
                    self._busy.add(id)
                    pool.submit(self._serve, id)
        except Exception as error:
            log_fault(error)
            self.stop.wait(IDLE_SECONDS)

    def _keep_leases(self) -> None:
        if self._busy and monotonic() >= self._beaten + BEAT_SECONDS:
            with self.vault.writing_quietly() as connection:
                webhooks.keep_leases(connection, self._lease, later(LEASE_SECONDS))
            self._beaten = monotonic()

    def _is_time(self) -> bool:
        """Return True if entries were written since the last check, or the check interval has
        passed."""
        if self.register.path is None:
            # There a look costs no more than to ask whether one is needed.
            return True
        seen = (self.register.revision.read(), self.vault.revision.read())
        if seen == self._seen and monotonic() < self._looked + IDLE_SECONDS:
            return False
        self._seen, self._looked = seen, monotonic()
        return True

    def list_due(self) -> list[int]:
        """Ids of webhooks that are due and not served by this sender."""
        with self.vault.reading() as connection:
            due = webhooks.list_due(connection, now())
        if not due:
            return []
        with self.register.reading() as connection:
            mark = read_head(connection).mark
        waiting = [
            webhook.id
            for webhook, asked in due
            if asked or (not webhook.paused and webhook.mark != mark)
        ]
        return [
            id for id in waiting if id not in self._busy and monotonic() >= self._shunned.get(id, 0)
        ]

    def _serve(self, id: int) -> None:
        try:
            self.serve(id)
        except Exception as error:
            self._shunned[id] = monotonic() + FAULT_SECONDS
            log_fault(error, webhook=id)
        finally:
            self._busy.discard(id)
            # Another look, for what came meanwhile.
            self._seen = None

    def serve(self, id: int) -> None:
        """Send a webhook all its messages, unless another sender has it or it fails."""
        with self.vault.writing_quietly() as connection:
            webhook = webhooks.take_webhook(
                connection, id, self._lease, now(), later(LEASE_SECONDS)
            )
        if webhook is None:
            return
        try:
            with outbound.GuardedConnection(self.networks) as line:
                DeliveryRun(self, webhook, line).go()
        except LeaseLost:
            log.info("webhook", id=id, state="changed")
        finally:
            with self.vault.writing_quietly() as connection:
                webhooks.release_webhook(connection, webhook)


def log_fault(error: Exception, **about: Any) -> None:
    """Log a fault: of the database in a line, of ours with its traceback."""
    if isinstance(error, OperationalError):
        log.warning("webhooks", error=str(error.orig), **about)
    else:
        log.error("webhooks", exc_info=error, **about)


class DeliveryStep(NamedTuple):
    """A message, and the position in the log after it."""

    message: Message
    place: Head


class DeliveryRun:
    """A run of deliveries to one webhook, while its lease lasts."""

    def __init__(
        self, courier: WebhookSender, webhook: WebhookRow, line: "GuardedConnection"
    ) -> None:
        self._courier, self._line = courier, line
        self._webhook = webhook
        self._waiting: Delivery | None = None

    def go(self) -> None:
        """Continue until no message is left, a message must wait, or the sender stops."""
        while not self._courier.stop.is_set():
            self._send_asked()
            if not self._is_open() or not self._send_next():
                return

    def _is_open(self) -> bool:
        webhook = self._webhook
        due = webhook.next_at is None or webhook.next_at <= now()
        return due and not webhook.paused

    def _send_asked(self) -> None:
        """Send each requested delivery once."""
        with self._courier.vault.reading() as connection:
            waiting = deliveries.list_waiting(connection, self._webhook.id)
        self._waiting = next((each for each in waiting if not each.asked), None)
        for delivery in (each for each in waiting if each.asked):
            if self._courier.stop.is_set():
                return
            message = self._find_message(delivery)
            if message is None:
                self._keep(delivery._replace(state=DEAD, error=LOST))
                continue
            answer, tried = self._post(message)
            if is_taken(answer.status):
                # A receiver that takes this will take what waits.
                self._keep(
                    record_attempt(delivery, answer, tried, DELIVERED), failures=0, next_at=None
                )
            else:
                self._keep(record_attempt(delivery, answer, tried, DEAD))

    def _find_message(self, delivery: Delivery) -> Message | None:
        """The message of a delivery; None if its entry no longer exists."""
        if delivery.entry is None:
            return repeated_message(delivery)
        with self._courier.register.reading() as connection:
            row = find_entry(connection, delivery.entry)
        message = entry_message(delivery.webhook, row) if row else None
        return message if message and message.id == delivery.message else None

    def _send_next(self) -> bool:
        """Send the next entries; return True if there may be more."""
        steps, end = self._read()
        until = monotonic() + TURN_SECONDS
        for message, place in steps:
            if self._courier.stop.is_set() or not self._send(message, place):
                return False
            if monotonic() >= until:
                return True
        if end is not None and end.mark != self._webhook.mark:
            self._keep(position=end.number, mark=end.mark)
        return end is not None

    def _read(self) -> tuple[list[DeliveryStep], Head | None]:
        """The messages of the next entries, and the position after them; None if there are no
        entries."""
        webhook = self._webhook
        with self._courier.register.reading() as connection:
            place = find_head(connection, webhook.position)
            if webhook.position and (place is None or place.mark != webhook.mark):
                step = self._tell_replaced(read_head(connection))
                return [step], step.place
            rows = list_entries(connection, EntryRange(webhook.position), BATCH)
            if not rows:
                return [], None
            matcher = Matcher(connection, read_webhook_filters(webhook), rows)
            steps = [
                DeliveryStep(entry_message(webhook.id, row), place_of(row))
                for row in rows
                if matcher.holds(row)
            ]
        return steps, place_of(rows[-1])

    def _tell_replaced(self, head: Head) -> DeliveryStep:
        """The message that the log was replaced, with its head now or, if already sent before, its
        head then."""
        known = self._waiting
        if known is None or known.type != REPLACED:
            return DeliveryStep(replaced_message(self._webhook, head, now()), head)
        message = repeated_message(known)
        return DeliveryStep(message, Head(message.data["entries"], "", message.data["hash"]))

    def _send(self, message: Message, place: Head) -> bool:
        """A single attempt to send the current message; return True if its turn is over."""
        known = self._waiting
        if known is None or known.message != message.id:
            known = make_delivery(
                self._webhook.id, message, message.at if message.entry is None else now()
            )
        answer, tried = self._post(message)
        fate = decide_outcome(
            self._webhook, known.at, answer.status, clock.moment(), answer.retry_after
        )
        values: dict[str, Any] = {"failures": fate.failures, "next_at": fate.next_at}
        if fate.state != WAITING:
            values |= {"position": place.number, "mark": place.mark}
        if fate.gone:
            values |= {"paused": tried, "reason": GONE}
        self._keep(record_attempt(known, answer, tried, fate.state), **values)
        return fate.state != WAITING

    def _post(self, message: Message) -> "tuple[OutboundAnswer, str]":
        """Send a message; return the answer and the time."""
        tried, body = clock.moment(), message.body
        headers = sign(
            list_secrets(self._courier.server, self._webhook, tried), message.id, body, tried
        )
        headers["Content-Type"] = "application/json"
        return self._line.post(self._webhook.url, headers, body), write_instant(tried)

    def _keep(self, delivery: Delivery | None = None, **values: Any) -> None:
        """Write down a delivery, and how far the webhook has come with it. Lost."""
        vault, gone = self._courier.vault, "paused" in values
        fresh = delivery is not None and not delivery.number
        with vault.writing() if gone else vault.writing_quietly() as connection:
            webhook = webhooks.advance_webhook(connection, self._webhook._replace(**values), fresh)
            if webhook is None:
                raise LeaseLost
            if delivery is not None and not delivery.asked:
                self._waiting = keep_turn(connection, webhook, self._waiting, delivery)
            elif delivery is not None:
                deliveries.replace_delivery(connection, delivery)
            if gone:
                details = {"reason": GONE} | seal_webhook(webhook)
                record_event(connection, ACTOR, "webhook-paused", name(webhook.id), details)
        self._webhook = webhook
        if delivery is not None and delivery.state != DELIVERED:
            number = delivery.number or webhook.sent
            log.warning(
                "webhook",
                id=webhook.id,
                delivery=number,
                state=delivery.state,
                error=delivery.error,
            )


def keep_turn(
    connection: Connection, webhook: WebhookRow, waiting: Delivery | None, delivery: Delivery
) -> Delivery | None:
    """Store the delivery whose turn it is; return it if it must be sent.

    Another pending delivery, left over after a change of the records or the log, is abandoned.
    """
    if delivery.number:
        deliveries.replace_delivery(connection, delivery)
    else:
        if waiting is not None:
            deliveries.replace_delivery(connection, waiting._replace(state=DEAD, error=LOST))
        delivery = delivery._replace(number=webhook.sent)
        deliveries.add_delivery(connection, delivery)
    return delivery if delivery.state == WAITING else None


def place_of(row: EntryRow) -> Head:
    """The place in the log after an entry."""
    return Head(row.number, row.at, row.hash)


def make_delivery(webhook: int, message: Message, first: str) -> Delivery:
    """A delivery that is first tried at an instant; its number comes when it is written down."""
    data = encode(message.data).decode() if message.entry is None else None
    return Delivery(webhook, 0, message.id, message.type, message.entry, data, 0, WAITING, first)


def record_attempt(
    delivery: Delivery, answer: "OutboundAnswer", tried: str, state: str
) -> Delivery:
    """A delivery after an attempt."""
    return delivery._replace(
        state=state,
        attempts=delivery.attempts + 1,
        tried_at=tried,
        status=answer.status,
        error=answer.error,
        answer=answer.text if answer.error else None,
        ms=answer.ms,
    )
