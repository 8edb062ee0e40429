"""`/login` and `/logout`: people come in by their OpenID Connect provider, and go."""

import hashlib
import hmac

from flask import Response, redirect, request
from itsdangerous import BadSignature, Signer

from terrafirma.errors import Forbidden, Malformed, NotFound
from terrafirma.http.app.context import state
from terrafirma.http.app.oidc import REFUSED, Identity, Provider, refuse_sign_in
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.middleware.authorization import count_sign_in
from terrafirma.http.middleware.session_cookies import SESSION, drop_cookie, find_known, set_cookie
from terrafirma.http.request.arguments import is_place
from terrafirma.register.access import sessions, users
from terrafirma.register.access.audit import record_event
from terrafirma.register.model.clock import HOUR
from terrafirma.storage.auth.users import UserRow
from terrafirma.telemetry import get_logger

door = Door("login")
log = get_logger()

LOGIN = "terrafirma_login"
"""The cookie that ties a sign-in to the browser it began in."""
UNSET = "Sign-in is not set up here; docs/access.md says how."


@door.route("GET", "/login", Access.OPEN, ("next",), statuses=(302,))
def begin_login() -> Response:
    """Sign in with the provider of the settings, and then go to `next`."""
    provider, callers = find_provider(), state().callers
    place = request.args.get("next", "/")
    if not is_place(place):
        raise Malformed("next must be an address of this server, such as /me.")
    count_sign_in()
    with callers.vault.writing_quietly() as connection:
        started = sessions.start(connection, callers.secret, place)
    response = lead(provider.address(*started))
    signed = make_signer().sign(started.state).decode()
    set_cookie(response, LOGIN, signed, sessions.SIGN_IN, path="/login")
    return response


@door.route("GET", "/login/callback", Access.OPEN, statuses=(302,), foreign=True)
def finish_login() -> Response:
    """Where the provider sends people back to, with a code that counts once."""
    count_sign_in()
    provider, callers, given = find_provider(), state().callers, request.args.get("state", "")
    if not hmac.compare_digest(read_state().encode(), given.encode()):
        raise Forbidden(REFUSED)
    with callers.vault.writing_quietly() as connection:
        login = sessions.finish(connection, callers.secret, given)
    code = request.args.get("code")
    if error := request.args.get("error"):
        raise refuse_sign_in(f"it says {error}: {request.args.get('error_description', '')}")
    if login is None or code is None:
        raise refuse_sign_in("this sign-in was begun too long ago, or is over")
    if not provider.is_issuer(issuer := request.args.get("iss", provider.issuer)):
        raise refuse_sign_in(f"the answer is from {issuer}")
    response = welcome(provider.redeem(code, login.nonce, login.verifier), login.place)
    drop_cookie(response, LOGIN, path="/login")
    return response


@door.route("POST", "/logout", Access.OPEN, statuses=(204,))
def logout() -> Response:
    """End this session."""
    callers, known = state().callers, find_known()
    if known is not None and known.session is not None:
        with callers.vault.writing() as connection:
            sessions.end(connection, known.session, "sign-out")
    response = Response(status=204)
    drop_cookie(response, SESSION)
    return response


def find_provider() -> Provider:
    """The configured provider; raise NotFound without configuration."""
    provider = state().provider
    if provider is None:
        raise NotFound(UNSET)
    return provider


def make_signer() -> Signer:
    """Signs the state stored in the browser."""
    return Signer(state().callers.secret, salt=LOGIN, digest_method=hashlib.sha256)


def read_state() -> str:
    """The state of this browser's sign-in; raise Forbidden without it."""
    try:
        return make_signer().unsign(request.cookies.get(LOGIN, "")).decode()
    except BadSignature:
        raise Forbidden(REFUSED) from None


def welcome(identity: Identity, place: str) -> Response:
    """A session for whom the provider vouches, if the settings give them a role; Forbidden otherwise."""
    callers, hours = state().callers, state().settings.session_hours
    role = users.find_role(callers.rules, identity.email, identity.values)
    told = {"issuer": identity.issuer, "subject": identity.subject, "email": identity.email}
    with callers.vault.writing() as connection:
        person = None
        if role is not None:
            person = users.welcome(
                connection,
                identity.issuer,
                identity.subject,
                identity.email,
                identity.name,
                identity.values,
            )
        if person is None or person.blocked:
            details = {"reason": explain_refusal(identity, person)}
            record_event(connection, "", "sign-in-refused", details=details, personal=told)
        else:
            token = sessions.begin(connection, callers.secret, person, hours)
            record_event(
                connection,
                users.name_user(person.id),
                "sign-in",
                details={"role": role},
                personal=told,
            )
    if person is None or person.blocked:
        reason = explain_refusal(identity, person)
        log.warning("oidc", reason=reason, subject=identity.subject)
        raise Forbidden(reason)
    callers.guard_register()
    response = lead(place)
    set_cookie(response, SESSION, callers.sign(token), hours * HOUR)
    return response


def explain_refusal(identity: Identity, person: UserRow | None) -> str:
    """The reason why someone does not come in, as the person may know it."""
    if person is not None:
        return "An administrator of this server keeps you out."
    if identity.doubt:
        return f"This server has no role for you: {identity.doubt}."
    return "This server has no role for you; TERRAFIRMA_OIDC_ROLES gives them, by e-mail address or claim."


def lead(place: str) -> Response:
    """A redirect without a page."""
    return Response(status=302, headers={"Location": redirect(place).location})
