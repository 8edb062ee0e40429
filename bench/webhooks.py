"""Webhooks: messages a second to one receiver, in order, each written down; beside a loop that only posts."""

import logging
import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import structlog
from urllib3 import HTTPConnectionPool

from bench.fill import make_register
from bench.load import HOST, Pace
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import Yard
from terrafirma.config import Settings
from terrafirma.register.webhooks import webhooks as rules
from terrafirma.register.webhooks.filters import WebhookFilters
from terrafirma.register.webhooks.messages import entry_message, make_secret, sign
from terrafirma.storage.auth.auth_database import opened_auth_database
from terrafirma.storage.auth.webhooks import find_webhook
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.register.entries import EntryRange, list_entries
from terrafirma.work.webhook_sender import WebhookSender

MESSAGES = 500
SERVER = b"s" * 32
BARE, OURS = "urllib3 in a loop, ready signed bytes", "Terrafirma, a webhook to all"


def measure_webhooks(plan: Plan, yard: Yard) -> list[Table]:
    """The last entries of a register of 2,000 countries, to a receiver on this machine."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    data = yard.folder / "webhooks"
    last = make_register(data, 2_000)
    receiver = yard.start_peer("receiver")
    receiver.wait("/")
    paces = run_rounds(
        plan,
        {
            BARE: partial(post, data, receiver.port),
            OURS: partial(deliver, data, receiver.port, last),
        },
    )
    rates = {name: pace.rate for name, pace in paces.items()}
    rows = [
        Row(name, rates[name], "/s", rates[name] / rates[BARE], "the loop") for name in (BARE, OURS)
    ]
    return [Table("Webhook deliveries to one receiver, a second", rows)]


def post(data: Path, port: int) -> Pace:
    """The same messages, made before the clock runs, over one connection."""
    with (
        closing(open_database(Settings(data=data).url)) as database,
        database.reading() as connection,
    ):
        rows = list_entries(connection, EntryRange(), MESSAGES, newest_first=True)
    messages = [entry_message(1, row) for row in reversed(rows)]
    secret, instant = make_secret(SERVER, "salt"), datetime.now(UTC)
    ready = [
        (message.body, sign([secret], message.id, message.body, instant)) for message in messages
    ]
    begun = time.perf_counter()
    with HTTPConnectionPool(HOST, port) as pool:
        for body, headers in ready:
            pool.urlopen("POST", "/hook", body, headers, retries=False)
    return Pace(MESSAGES / (time.perf_counter() - begun), 0.0)


def deliver(data: Path, port: int, last: int) -> Pace:
    """Read from the log, filtered, signed, sent, and the place written down after each."""
    with (
        closing(open_database(Settings(data=data).url)) as register,
        opened_auth_database(register) as vault,
    ):
        id = add_webhook(register, vault, port, last - MESSAGES)
        begun = time.perf_counter()
        WebhookSender(register, vault, SERVER, (ip_network("127.0.0.0/8"),)).serve(id)
        taken = time.perf_counter() - begun
        with vault.writing() as connection:
            webhook = find_webhook(connection, id)
            rules.delete(connection, "bench", id)
    if webhook is None or (webhook.position, webhook.sent) != (last, MESSAGES):
        raise RuntimeError(f"not everything has arrived: {webhook}")
    return Pace(MESSAGES / taken, 0.0)


def add_webhook(register: Database, vault: Database, port: int, since: int) -> int:
    """The id of a new webhook that is told of all that follows an entry."""
    with register.reading() as connection:
        place = rules.find_place(connection, since)
    with vault.writing() as connection:
        made, _ = rules.create(
            connection, SERVER, "bench", f"http://{HOST}:{port}/hook", WebhookFilters(), place, None
        )
    return made.id
