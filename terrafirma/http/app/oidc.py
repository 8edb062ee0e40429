"""OpenID Connect: the only module that talks to a provider. Authlib, which has no types, is only
used here.

Authorization code flow with PKCE and a nonce; the provider is found by discovery, and its keys are
fetched again when a token names an unknown key.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from structlog import get_logger

from terrafirma.deferred import Deferred
from terrafirma.errors import Busy, Forbidden

if TYPE_CHECKING:
    import requests
    from joserfc import errors, jwk, jwt
else:
    requests, errors, jwk, jwt = map(
        Deferred, ("requests", "joserfc.errors", "joserfc.jwk", "joserfc.jwt")
    )

authlib, clients, core = map(
    Deferred, ("authlib.common.errors", "authlib.integrations.requests_client", "authlib.oidc.core")
)

log = get_logger()

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Accepted signature algorithms: never `none`, nor symmetric algorithms."""
TIMEOUT = 10
LEEWAY = 60
"""Seconds by which a provider's clock may differ."""
HOUR = 3600
PAUSE = 60
"""Seconds before keys are fetched again for an unknown key id."""

UNREACHED = (
    "The sign-in provider cannot be reached now, or does not answer as one should. Try again."
)
REFUSED = "The sign-in provider did not confirm this sign-in. Begin again at /login."


@dataclass(frozen=True)
class Identity:
    """Whom a provider vouches for."""

    issuer: str
    subject: str
    email: str | None
    """Only if the provider has verified it, or the settings trust its addresses."""
    name: str | None


class Provider:
    """A provider and its discovered configuration."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect: str,
        *,
        trust_email: bool = False,
    ) -> None:
        self.issuer = issuer
        self._trust_email = trust_email
        self.client_id = client_id
        self._client_secret = client_secret
        self._redirect = redirect
        self._lock = Lock()
        self._told: dict[str, Any] = {}
        self._told_at = 0.0
        self._keys = jwk.KeySet([])
        self._keys_at = 0.0

    def is_issuer(self, name: str) -> bool:
        """Return True for the provider's own name; a slash at its end makes no difference."""
        return name.rstrip("/") == self.issuer.rstrip("/")

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where someone goes to sign in."""
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._discover()["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
            )
        return str(url)

    def redeem(self, code: str, nonce: str, verifier: str) -> Identity:
        """The identity behind a code; raise Forbidden unless the provider confirms it in a valid
        token."""
        endpoint = self._discover()["token_endpoint"]
        try:
            with self._session() as session:
                answer = session.fetch_token(
                    endpoint, code=code, code_verifier=verifier, timeout=TIMEOUT
                )
        except requests.RequestException as error:
            raise Busy(UNREACHED) from error
        except (authlib.AuthlibBaseError, ValueError) as error:
            raise Forbidden(REFUSED) from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Forbidden(REFUSED)
        return self._read(token, nonce, answer.get("access_token"))

    def _ask_userinfo(self, access_token: str | None, subject: str) -> dict[str, Any]:
        """Return what the userinfo endpoint says of the person of a token; nothing where it says none, or another."""
        address = self._discover().get("userinfo_endpoint")
        if not isinstance(address, str) or not access_token:
            return {}
        told = fetch(address, {"Authorization": f"Bearer {access_token}"})
        return told if told.get("sub") == subject else {}

    def _session(self) -> Any:
        methods = self._discover().get("token_endpoint_auth_methods_supported")
        posted = isinstance(methods, list) and "client_secret_basic" not in methods
        return clients.OAuth2Session(
            self.client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post" if posted else "client_secret_basic",
        )

    def _read(self, token: str, nonce: str, access_token: str | None) -> Identity:
        try:
            decoded = self._decode(token)
            claims = core.CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._discover()["issuer"]},
                    "aud": {"essential": True, "value": self.client_id},
                },
                {"nonce": nonce, "client_id": self.client_id, "access_token": access_token},
            )
            claims.validate(leeway=LEEWAY)
        except (
            errors.JoseError,
            authlib.AuthlibBaseError,
            ValueError,
            TypeError,
            KeyError,
        ) as error:
            raise Forbidden(REFUSED) from error
        told = dict(claims)
        if not told.get("email"):
            told = self._ask_userinfo(access_token, str(claims["sub"])) | told
        email = read_email(told, trusted=self._trust_email)
        return Identity(self.issuer, str(claims["sub"]), email, told.get("name"))

    def _decode(self, token: str) -> "jwt.Token":
        try:
            return jwt.decode(token, self._fetch_keys(HOUR), algorithms=ALGORITHMS)
        except (errors.JoseError, ValueError):
            # The provider may sign with a new key; whoever sends rubbish makes it be asked once a minute.
            return jwt.decode(token, self._fetch_keys(PAUSE), algorithms=ALGORITHMS)

    def _discover(self) -> dict[str, Any]:
        with self._lock:
            if time.monotonic() - self._told_at > HOUR or not self._told:
                told = fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if not self.is_issuer(str(told.get("issuer"))):
                    log.error("oidc", issuer=self.issuer, told=str(told.get("issuer"))[:200])
                    raise Busy(UNREACHED)
                if not all(isinstance(told.get(name), str) for name in names):
                    raise Busy(UNREACHED)
                self._told, self._told_at = told, time.monotonic()
            return self._told

    def _fetch_keys(self, age: int) -> "jwk.KeySet":
        address = self._discover()["jwks_uri"]
        with self._lock:
            if time.monotonic() - self._keys_at > age or not self._keys.keys:
                listed: Any = fetch(address)
                self._keys, self._keys_at = jwk.KeySet.import_key_set(listed), time.monotonic()
            return self._keys


def read_email(claims: dict[str, Any], *, trusted: bool) -> str | None:
    """Return the address that a provider vouches for; None, with the reason in the log, where it does not.

    Some say `email_verified` as text; Microsoft Entra never says it, so its addresses must be trusted by a setting.
    """
    email, verified = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str) or not email:
        log.warning("oidc", reason="the provider told no e-mail address", subject=claims.get("sub"))
        return None
    if trusted or verified is True or str(verified).lower() == "true":
        return email
    reason = (
        "the provider has not verified the e-mail address; TERRAFIRMA_OIDC_TRUST_EMAIL trusts it"
    )
    log.warning("oidc", reason=reason, subject=claims.get("sub"))
    return None


def fetch(url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A JSON object from a provider; raise Busy if it is unavailable."""
    try:
        answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False, headers=headers)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Busy(UNREACHED) from error
    if not isinstance(told, dict):
        raise Busy(UNREACHED)
    return told
