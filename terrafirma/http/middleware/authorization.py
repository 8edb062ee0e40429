"""Authorization, decided before any view runs.

Until the first key exists, programs of the user who runs the server may write, as `ownership.py`
proves it, if the server listens on its own machine only. The first key ends this permanently.
"""

from typing import Any

from flask import Response, request

from terrafirma.errors import Forbidden, Unauthorized
from terrafirma.http.app.context import PRINCIPAL, principal, state
from terrafirma.http.app.principals import AUTHENTICATED, NOT_A_KEY
from terrafirma.http.app.rate_limits import (
    QUOTA,
    UNLIMITED,
    Quota,
    acquire,
    look_up,
    name_address,
)
from terrafirma.http.app.routes import Access, Route
from terrafirma.http.middleware.ownership import (
    PageOrigin,
    is_local_name,
    is_own_program,
    judge_page,
)
from terrafirma.register.access.roles import ANONYMOUS, LOCAL, Principal, Role
from terrafirma.telemetry import SAFE

NEEDED = {
    Access.READ: Role.READER,
    Access.WATCH: Role.READER,
    Access.WRITE: Role.EDITOR,
    Access.ADMIN: Role.ADMIN,
}
"""The role that a route requires; open routes require none."""

ACTIONS = {Role.READER: "Reading", Role.EDITOR: "Writing", Role.ADMIN: "Administration"}
KEY_REQUIRED = (
    "{deed} takes a key here: `terrafirma keys create --role {role}`, run on the server, makes one; "
    "send it as `Authorization: Bearer KEY`."
)
FOREIGN = (
    "A page of another site may not do this here. TERRAFIRMA_ORIGINS names sites whose pages may; "
    "TERRAFIRMA_PUBLIC_URL is the address of this server's own pages."
)


def keep_private(response: Response) -> None:
    """Let only its reader keep an answer that others would need a key for."""
    if response.cache_control.public:
        response.cache_control.public = False
        response.cache_control.private = True


def check_access(contract: Route) -> None:
    """Unauthorized or Forbidden unless the caller has the role that a route asks for."""
    needed = NEEDED.get(contract.access)
    is_closed = needed is not None and not is_open(contract.access)
    if has_session() and (is_closed or request.method not in SAFE):
        check_own_page(request.environ)
    if needed is None or not is_closed:
        return
    found = identify()
    # Reading with a key is open to the pages of every site: no browser sends one by itself.
    if (request.method not in SAFE or contract.access is not Access.READ) and is_foreign(
        request.environ
    ):
        raise Forbidden(FOREIGN)
    if found.may(needed):
        # A POST may only read, such as a batch of names.
        if request.method not in SAFE and contract.access is not Access.READ and found is not LOCAL:
            count_write(found)
        return
    if found is ANONYMOUS:
        if "Authorization" in request.headers:
            raise Unauthorized(NOT_A_KEY)
        raise Unauthorized(KEY_REQUIRED.format(deed=ACTIONS[needed], role=needed))
    raise Forbidden(
        f"{ACTIONS[needed]} takes the role {needed}; {found.actor} has the role {found.role}."
    )


def is_open(access: Access) -> bool:
    """Return True if a route that asks for a role is open to this request without one."""
    settings = state().settings
    if access is Access.READ:
        return settings.reads == "open"
    if access is Access.WATCH:
        return settings.metrics == "open" or (
            settings.metrics == "local" and is_ours(request.environ)
        )
    return False


def count_write(writer: Principal) -> None:
    """Count a write; raise TooMany if the key's limit is reached, else add the limit to the answer."""
    limit = writer.writes or state().settings.limit_writes
    if limit != UNLIMITED:
        quota = request.environ[QUOTA] = acquire(
            state().callers.vault, "writes", writer.actor, limit
        )
        quota.check("writes")


def list_quotas(asked: Principal) -> list[Quota]:
    """The remaining quotas of a principal."""
    requests: Quota | None = request.environ.get(QUOTA)
    limit = asked.writes or state().settings.limit_writes
    writes = (
        [look_up(state().callers.vault, "writes", asked.actor, limit)]
        if asked.may(Role.EDITOR) and limit
        else []
    )
    return ([requests] if requests else []) + ([] if asked is LOCAL else writes)


def identify() -> Principal:
    """Return the sender of this request; the user who runs the server is an editor until the first key is made."""
    found = principal()
    if found is ANONYMOUS and is_unguarded() and is_ours(request.environ):
        found = request.environ[PRINCIPAL] = LOCAL
    return found


def is_unguarded() -> bool:
    """Return True if this server listens on its own machine only and has never had a key."""
    return is_local_name(state().settings.host) and state().callers.is_open()


def is_ours(environ: dict[str, Any]) -> bool:
    """Return True if a request comes from this user's own program, and from no page of another site."""
    return judge_page(environ, state().settings) in (
        PageOrigin.OWN,
        PageOrigin.NONE,
    ) and is_own_program(environ)


def is_foreign(environ: dict[str, Any]) -> bool:
    """Return True if a page of another site sent a request, unless its site may write here."""
    return judge_page(environ, state().settings) is PageOrigin.FOREIGN


def has_session() -> bool:
    """Return True if the request is authenticated by a cookie, which browsers send for pages of any
    site."""
    known = request.environ.get(AUTHENTICATED)
    return known is not None and known.session is not None


def check_own_page(environ: dict[str, Any]) -> None:
    """Raise Forbidden for a page of another site that uses a session, or a write of unknown origin."""
    page, own = judge_page(environ, state().settings), state().origin
    if environ.get("HTTP_ORIGIN", own) != own:
        # Sites that may write do so with a key: their pages have no part in anyone's session.
        page = PageOrigin.FOREIGN
    if page is PageOrigin.FOREIGN or (request.method not in SAFE and page is not PageOrigin.OWN):
        raise Forbidden(FOREIGN)


def count_sign_in() -> None:
    """TooMany where an address has begun or ended as many sign-ins as it may."""
    limit = state().settings.limit_sign_ins
    if limit != UNLIMITED:
        address = name_address(request.environ.get("REMOTE_ADDR", ""))
        quota = request.environ[QUOTA] = acquire(state().callers.vault, "sign-ins", address, limit)
        quota.check("sign-ins")
