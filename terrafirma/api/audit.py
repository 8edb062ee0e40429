"""`/audit`: sign-ins, refusals and changes of rights, for admins."""

from dataclasses import asdict
from typing import Any

from flask import Response
from pydantic import Field

from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_limit, read_since
from terrafirma.http.response.responses import link_next, reply_json
from terrafirma.register.access.audit import AuditCheckpoint, show
from terrafirma.register.model.records import StrictModel
from terrafirma.storage.auth.audit import list_audit, read_audit_head

door = Door("audit")


class AuditEntry(StrictModel):
    """A line of the audit log."""

    number: int
    at: str
    event: str
    actor: str | None = Field(default=None, description="Who did it; absent: nobody who is known.")
    about: str | None = Field(default=None, description="Whom or what it was done to.")
    details: dict[str, Any]
    personal: dict[str, Any] | None = Field(
        default=None, description="null: redacted; absent: nothing is personal."
    )
    hash: str


@door.route("GET", "/audit", Access.ADMIN, ("since", "limit"), gives=list[AuditEntry])
def read_audit() -> Response:
    """Lines of the audit log with numbers above `since`, oldest first."""
    since, limit = read_since(), read_limit()
    with state().callers.vault.reading() as connection:
        rows = list_audit(connection, since, limit + 1)
    response = reply_json([show(row) for row in rows[:limit]])
    if len(rows) > limit:
        link_next(response, since=rows[limit - 1].number)
    return response


@door.route("GET", "/audit/checkpoint", Access.ADMIN, gives=AuditCheckpoint)
def get_audit_checkpoint() -> Response:
    """The state of the audit log, to be kept elsewhere: `terrafirma verify --against` compares it."""
    with state().callers.vault.reading() as connection:
        head = read_audit_head(connection)
    return reply_json(asdict(AuditCheckpoint(head.number, head.hash, head.at)))
