"""`/webhooks`, for admins, and `/webhooks/{id}/deliveries`."""

from dataclasses import asdict
from typing import Any, Literal

from flask import Response, request
from pydantic import Field

from terrafirma.api.keys import RotationBody
from terrafirma.http.app.context import actor, reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_choice, read_limit, read_number
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import link_next, reply_json
from terrafirma.outbound_targets import check_target
from terrafirma.register.model.clock import HOUR, today
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.register.model.request_models import read_part
from terrafirma.register.model.strict_json import LARGEST
from terrafirma.register.model.values import Text, WebAddress
from terrafirma.register.webhooks import webhooks
from terrafirma.register.webhooks.filters import WebhookFilters, check_filters
from terrafirma.register.webhooks.webhooks import DeliveryView, find_place, view_delivery
from terrafirma.storage.auth.deliveries import list_deliveries
from terrafirma.storage.auth.webhooks import WebhookRow as Row
from terrafirma.storage.auth.webhooks import list_webhooks
from terrafirma.storage.register.entries import Head, read_head

door = Door("webhooks")

MOST = 100
"""Values of a filter."""
Action = Literal["created", "changed", "deleted"]


class FiltersBody(StrictModel):
    """Filters of a webhook. Every filter with values must match, each with any of its values."""

    kinds: list[Text] = Field(
        default=[], max_length=MOST, description="Kinds of record; none: all."
    )
    records: list[Text] = Field(
        default=[], max_length=MOST, description="Records, each as `country/TH`; none: all."
    )
    groups: list[Text] = Field(
        default=[],
        max_length=MOST,
        description="Groups, by code: their members' records, their memberships, themselves.",
    )
    fields: list[Text] = Field(
        default=[], max_length=MOST, description="Only entries in which one of these differs."
    )
    actions: list[Action] = Field(
        default=[], max_length=MOST, description="What was done; none: anything."
    )


class WebhookBody(FiltersBody):
    """A webhook to be made."""

    url: WebAddress = Field(description="Where messages are sent, by POST.")
    description: Text = fact("What it is for.")
    since: int = fact(
        "The entry after which it begins; without it, the last one there is.", ge=0, le=LARGEST
    )


class WebhookPatch(FiltersBody):
    """Changes to a webhook; absent members stay."""

    url: WebAddress = fact("Where messages are sent, by POST.")
    description: Text | None = Field(default=None, description="What it is for; null removes it.")
    paused: bool = fact("Whether nothing is sent for now; what is written meanwhile is sent later.")


class ReplayBody(StrictModel):
    """The entry to replay from."""

    since: int = Field(ge=0, le=LARGEST, description="The entry after which it begins.")


class Webhook(StrictModel):
    """A webhook without its secret."""

    id: int
    url: str
    description: str | None = None
    state: Literal["active", "failing", "paused"]
    kinds: list[str] | None = None
    records: list[str] | None = None
    groups: list[str] | None = None
    fields: list[str] | None = None
    actions: list[str] | None = None
    created: str
    created_by: str
    position: int = Field(description="The last entry that it need not be told of any more.")
    behind: int = Field(description="Entries after that, whether it is told of them or not.")
    deliveries: int = Field(description="Messages so far.")
    failures: int = Field(description="Attempts in a row that failed.")
    next_try: str | None = Field(
        default=None, description="When the message that failed is tried again."
    )
    paused: str | None = Field(default=None, description="Since when nothing is sent.")
    reason: str | None = Field(default=None, description="Why, where nobody asked for it.")
    old_until: str | None = Field(default=None, description="Until when the old secret signs too.")


class NewWebhook(Webhook):
    """A webhook with its secret, which is shown once."""

    secret: str


@door.route("GET", "/webhooks", Access.ADMIN, gives=list[Webhook])
def list_all_webhooks() -> Response:
    """Every webhook."""
    with state().callers.vault.reading() as connection:
        found = list_webhooks(connection)
    head = read_end()
    return reply_json([webhooks.show(each, head) for each in found])


@door.route("POST", "/webhooks", Access.ADMIN, takes=WebhookBody, gives=NewWebhook, statuses=(201,))
def add_webhook() -> Response:
    """Make a webhook. The answer shows the secret that its messages are signed with, once."""
    body = read_part(WebhookBody, read_json(), "webhook")
    filters = filters_from_body(body)
    with reading() as connection:
        check_filters(connection, filters, today())
        place = find_place(connection, body.since)
    check_url(body.url)
    callers = state().callers
    with callers.vault.writing() as connection:
        made = webhooks.create(
            connection, callers.secret, actor(), body.url, filters, place, body.description
        )
    return reply_new(*made, status=201)


@door.route("GET", "/webhooks/<number:id>", Access.ADMIN, gives=Webhook)
def get_webhook(id: int) -> Response:
    """A webhook: its position in the log and its failures."""
    with state().callers.vault.reading() as connection:
        return reply_webhook(webhooks.find_webhook(connection, id))


@door.route("PATCH", "/webhooks/<number:id>", Access.ADMIN, takes=WebhookPatch, gives=Webhook)
def change_webhook(id: int) -> Response:
    """Change, pause or resume a webhook; a failing webhook is retried at once."""
    sent = read_part(WebhookPatch, read_json(), "webhook").model_dump(exclude_unset=True)
    # Only what is sent: a group that is gone since is no reason not to pause.
    filters = {part: tuple(sent.pop(part)) for part in WebhookFilters._fields if part in sent}
    with reading() as connection:
        check_filters(connection, WebhookFilters(**filters), today())
    if "url" in sent:
        check_url(sent["url"])
    with state().callers.vault.writing() as connection:
        changed = webhooks.change(connection, actor(), id, **filters, **sent)
    return reply_webhook(changed)


@door.route("DELETE", "/webhooks/<number:id>", Access.ADMIN, statuses=(204,))
def delete_webhook(id: int) -> Response:
    """Delete a webhook and its deliveries."""
    with state().callers.vault.writing() as connection:
        webhooks.delete(connection, actor(), id)
    return Response(status=204)


@door.route(
    "POST", "/webhooks/<number:id>/rotate", Access.ADMIN, takes=RotationBody, gives=NewWebhook
)
def rotate_webhook(id: int) -> Response:
    """Give a webhook a new secret, shown once. For a while messages are also signed with the old
    secret."""
    overlap = read_part(RotationBody, read_json(), "rotation").overlap_hours * HOUR
    callers = state().callers
    with callers.vault.writing() as connection:
        made = webhooks.rotate(connection, callers.secret, actor(), id, overlap)
    return reply_new(*made, status=200)


@door.route(
    "POST",
    "/webhooks/<number:id>/replay",
    Access.ADMIN,
    takes=ReplayBody,
    gives=Webhook,
    statuses=(202,),
)
def replay_webhook(id: int) -> Response:
    """Resend the entries after a given entry, in order, or skip ahead."""
    since = read_part(ReplayBody, read_json(), "replay").since
    with reading() as connection:
        place = find_place(connection, since)
    with state().callers.vault.writing() as connection:
        replayed = webhooks.replay(connection, actor(), id, place)
    return reply_webhook(replayed, 202)


@door.route("POST", "/webhooks/<number:id>/test", Access.ADMIN, gives=DeliveryView, statuses=(202,))
def test_webhook(id: int) -> Response:
    """Send a `webhook.test` message at once. `Location` is the address of its delivery."""
    with state().callers.vault.writing() as connection:
        made = webhooks.test(connection, actor(), id)
        shown = view_delivery(made, webhooks.find_webhook(connection, id))
    return reply_delivery(id, shown, 202)


@door.route(
    "GET",
    "/webhooks/<number:id>/deliveries",
    Access.ADMIN,
    ("outcome", "limit", "after"),
    gives=list[DeliveryView],
)
def list_webhook_deliveries(id: int) -> Response:
    """Deliveries of a webhook, newest first."""
    limit, outcome, after = read_limit(), read_choice("outcome"), request.args.get("after")
    before = read_number("after", after) if after is not None else None
    with state().callers.vault.reading() as connection:
        webhook = webhooks.find_webhook(connection, id)
        rows = list_deliveries(connection, id, limit + 1, outcome, before)
    response = reply_json([asdict(view_delivery(row, webhook)) for row in rows[:limit]])
    if len(rows) > limit:
        link_next(response, after=rows[limit - 1].number)
    return response


@door.route(
    "GET", "/webhooks/<number:id>/deliveries/<number:number>", Access.ADMIN, gives=DeliveryView
)
def get_delivery(id: int, number: int) -> Response:
    """A delivery: its attempts and the last result."""
    with state().callers.vault.reading() as connection:
        delivery = webhooks.find_delivery(connection, id, number)
        return reply_delivery(id, view_delivery(delivery, webhooks.find_webhook(connection, id)))


@door.route(
    "POST",
    "/webhooks/<number:id>/deliveries/<number:number>/retry",
    Access.ADMIN,
    gives=DeliveryView,
    statuses=(202,),
)
def retry_delivery(id: int, number: int) -> Response:
    """Have a dead message sent once more, out of turn."""
    with state().callers.vault.writing() as connection:
        again = webhooks.retry(connection, actor(), id, number)
        shown = view_delivery(again, webhooks.find_webhook(connection, id))
    return reply_delivery(id, shown, 202)


def filters_from_body(body: FiltersBody) -> WebhookFilters:
    """The filters of a body."""
    return WebhookFilters(*(tuple(getattr(body, part)) for part in WebhookFilters._fields))


def check_url(url: str) -> None:
    """Raise Invalid for an address that may not be used."""
    check_target("url", url, state().settings.webhook_networks)


def read_end() -> Head:
    """The end of the log."""
    with reading() as connection:
        return read_head(connection)


def reply_webhook(webhook: Row, status: int = 200) -> Response:
    """A webhook as an answer."""
    return reply_json(webhooks.show(webhook, read_end()), status)


def reply_new(webhook: Row, secret: str, status: int) -> Response:
    """A webhook, with its secret."""
    shown: dict[str, Any] = {**webhooks.show(webhook, read_end()), "secret": secret}
    response = reply_json(shown, status)
    if status == 201:
        response.headers["Location"] = f"/webhooks/{webhook.id}"
    return response


def reply_delivery(id: int, delivery: DeliveryView, status: int = 200) -> Response:
    """A delivery as an answer; while pending, with the polling interval."""
    response = reply_json(asdict(delivery), status)
    if status == 202:
        response.headers["Location"] = f"/webhooks/{id}/deliveries/{delivery.number}"
        response.headers["Retry-After"] = "1"
    return response
