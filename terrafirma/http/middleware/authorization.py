"""Who may do what, decided in one place before any view runs.

While nobody was ever given a key, writing is for people and programs on the server's own machine: the server
listens there only, the peer is a loopback address, nothing was forwarded, and no web page of another site sent
it. The first key ends that for good.
"""

from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from flask import Flask, Response, request

from terrafirma.errors import Forbidden, Unauthorized
from terrafirma.http.app.context import PRINCIPAL, principal, state
from terrafirma.http.app.principals import AUTHENTICATED
from terrafirma.http.app.routes import Access, Route
from terrafirma.http.middleware.browser_headers import is_allowed_origin
from terrafirma.http.middleware.proxies import PROXIED
from terrafirma.http.middleware.rate_limits import (
    QUOTA,
    UNLIMITED,
    Quota,
    acquire,
    look_up,
    name_address,
)
from terrafirma.register.access.roles import ANONYMOUS, LOCAL, Principal, Role
from terrafirma.telemetry import SAFE

FORWARDING = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
    PROXIED,
)
"""Signs of a proxy: the peer's address is then not the sender's."""

NEEDED = {
    Access.READ: Role.READER,
    Access.WATCH: Role.READER,
    Access.WRITE: Role.EDITOR,
    Access.ADMIN: Role.ADMIN,
}
"""The role that a route asks for; an open one asks for none."""

ACTIONS = {Role.READER: "Reading", Role.EDITOR: "Writing", Role.ADMIN: "Administration"}
KEY_REQUIRED = (
    "{deed} takes a key here: `terrafirma keys create --role {role}`, run on the server, makes one; "
    "send it as `Authorization: Bearer KEY`."
)
FOREIGN = "A page of another site may not write here."


def guard(app: Flask) -> None:
    """Check every request of an app; a route without a contract is closed."""

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.method == "OPTIONS":
            return
        contract = state().contracts.get(request.endpoint)
        if contract is None:
            raise Forbidden("This address is not open to anyone.")
        check_access(contract)

    @app.after_request
    def keep_private(response: Response) -> Response:
        if state().settings.reads != "open" and response.cache_control.public:
            response.cache_control.public = False
            response.cache_control.private = True
        return response


def check_access(contract: Route) -> None:
    """Unauthorized or Forbidden unless the caller has the role that a route asks for."""
    if request.method not in SAFE and has_session():
        check_own_page(request.environ)
    needed = NEEDED.get(contract.access)
    if needed is None or is_open(contract.access):
        return
    found = identify()
    if found.may(needed):
        if request.method not in SAFE and found is not LOCAL:
            count_write(found)
        return
    if found is ANONYMOUS:
        raise Unauthorized(KEY_REQUIRED.format(deed=ACTIONS[needed], role=needed))
    raise Forbidden(
        f"{ACTIONS[needed]} takes the role {needed}; {found.actor} has the role {found.role}."
    )


def is_open(access: Access) -> bool:
    """Whether a route that asks for a role is open to this request without one."""
    settings = state().settings
    if access is Access.READ:
        return settings.reads == "open"
    if access is Access.WATCH:
        here = (
            settings.metrics == "local"
            and is_local(request.environ)
            and not is_foreign(request.environ)
        )
        return here or settings.metrics == "open"
    return False


def count_write(writer: Principal) -> None:
    """TooMany where a key has written as often as it may; else the answer says what is left."""
    limit = writer.writes or state().settings.limit_writes
    if limit != UNLIMITED:
        quota = request.environ[QUOTA] = acquire(
            state().callers.vault, "writes", writer.actor, limit
        )
        quota.check("writes")


def list_quotas(asked: Principal) -> list[Quota]:
    """What is left of a caller's limits."""
    requests: Quota | None = request.environ.get(QUOTA)
    limit = asked.writes or state().settings.limit_writes
    writes = (
        [look_up(state().callers.vault, "writes", asked.actor, limit)]
        if asked.may(Role.EDITOR) and limit
        else []
    )
    return ([requests] if requests else []) + ([] if asked is LOCAL else writes)


def identify() -> Principal:
    """Who sends this request; someone at this machine is an editor while nobody was ever let in."""
    found = principal()
    if found is ANONYMOUS and is_local(request.environ) and is_unguarded():
        if is_foreign(request.environ):
            if request.method in SAFE:
                return ANONYMOUS
            raise Forbidden(FOREIGN)
        found = request.environ[PRINCIPAL] = LOCAL
    return found


def is_unguarded() -> bool:
    """Whether this server is heard on its own machine only, and nobody was ever let in."""
    return is_local_name(state().settings.host) and state().callers.is_open()


def is_local(environ: dict[str, Any]) -> bool:
    """Whether a request comes from this machine, to this machine by name."""
    if any(name in environ for name in FORWARDING) or not is_loopback(
        environ.get("REMOTE_ADDR", "")
    ):
        return False
    # A name that resolves to 127.0.0.1 may be another site's (DNS rebinding); an address or localhost is not.
    return is_local_name(environ.get("HTTP_HOST", ""))


def is_foreign(environ: dict[str, Any]) -> bool:
    """Whether a page of another site sends a request, and not one that may write here."""
    own = environ.get("HTTP_SEC_FETCH_SITE", "none") in ("none", "same-origin")
    return not own and not is_allowed_origin(environ.get("HTTP_ORIGIN", ""))


def has_session() -> bool:
    """Whether a request's caller is known by a cookie, which a browser sends whoever asks it to."""
    known = request.environ.get(AUTHENTICATED)
    return known is not None and known.session is not None


def check_own_page(environ: dict[str, Any]) -> None:
    """Forbidden for what a page that is not ours sends with someone's cookie, or whatever cannot be told."""
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    own = state().settings.public_url
    if (
        site not in (None, "same-origin")
        or origin not in (None, own)
        or (site is None and origin is None)
    ):
        raise Forbidden(FOREIGN)


def count_sign_in() -> None:
    """TooMany where an address has begun or ended as many sign-ins as it may."""
    limit = state().settings.limit_sign_ins
    if limit != UNLIMITED:
        address = name_address(request.environ.get("REMOTE_ADDR", ""))
        quota = request.environ[QUOTA] = acquire(state().callers.vault, "sign-ins", address, limit)
        quota.check("sign-ins")


@lru_cache(maxsize=1000)
def is_loopback(address: str) -> bool:
    """Whether an IP address is of this machine only."""
    try:
        parsed = ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def is_local_name(host: str) -> bool:
    """Whether a Host header names this machine by address or as localhost."""
    name = name_host(host)
    return name in ("localhost", "") or is_loopback(name)


def name_host(host: str) -> str:
    """The name in a Host header, in small letters and without the port."""
    return (host.rsplit(":", 1)[0] if not host.endswith("]") else host).lower()
