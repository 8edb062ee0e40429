"""`/login` and `/logout`: people come in by their OpenID Connect provider, and go."""

import hashlib
import hmac

from flask import Response, redirect, request
from itsdangerous import BadSignature, Signer

from terrafirma.errors import Forbidden, Malformed, NotFound
from terrafirma.http.app.context import state
from terrafirma.http.app.oidc import REFUSED, Identity, Provider
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.middleware.authorization import count_sign_in
from terrafirma.http.middleware.session_cookies import SESSION, drop_cookie, find_known, set_cookie
from terrafirma.http.request.arguments import is_place
from terrafirma.register.access import sessions, users
from terrafirma.register.access.audit import record_event
from terrafirma.register.model.clock import HOUR

door = Door("login")

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
    if (
        login is None
        or code is None
        or not provider.is_issuer(request.args.get("iss", provider.issuer))
    ):
        raise Forbidden(REFUSED)
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
    role = users.find_role(callers.rules, identity.email)
    told = {"issuer": identity.issuer, "subject": identity.subject, "email": identity.email}
    with callers.vault.writing() as connection:
        person = None
        if role is not None and identity.email is not None:
            person = users.welcome(
                connection, identity.issuer, identity.subject, identity.email, identity.name
            )
        if person is None or person.blocked:
            record_event(connection, "", "sign-in-refused", personal=told)
        else:
            token = sessions.begin(connection, callers.secret, person, hours)
            record_event(
                connection,
                users.name_actor(person.id),
                "sign-in",
                details={"role": role},
                personal=told,
            )
    if person is None or person.blocked:
        raise Forbidden(
            "This server has no role for you; whoever runs it gives them by e-mail address."
        )
    callers.guard_register()
    response = lead(place)
    set_cookie(response, SESSION, callers.sign(token), hours * HOUR)
    return response


def lead(place: str) -> Response:
    """A redirect without a page."""
    return Response(status=302, headers={"Location": redirect(place).location})
