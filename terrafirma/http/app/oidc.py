"""OpenID Connect: the one place that speaks with a provider. Authlib, which has no types, is only met here.

Authorization code flow with PKCE and a nonce; the provider is found by discovery, and its keys are fetched again
when a token names one that is not known.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

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

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures that are taken: never `none`, nor one that a public key could make."""
TIMEOUT = 10
LEEWAY = 60
"""Seconds by which a provider's clock may differ."""
HOUR = 3600
PAUSE = 60
"""Seconds before keys are fetched again because one is not known."""

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
    """Only if the provider has verified it."""
    name: str | None


class Provider:
    """A provider, and what it told of itself."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._client_secret = client_secret
        self._redirect = redirect
        self._lock = Lock()
        self._told: dict[str, Any] = {}
        self._told_at = 0.0
        self._keys = jwk.KeySet([])
        self._keys_at = 0.0

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
        """Whom a code stands for; Forbidden unless the provider says so in a token that is right in every respect."""
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

    def _session(self) -> Any:
        return clients.OAuth2Session(
            self.client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
        )

    def _read(self, token: str, nonce: str, access_token: str | None) -> Identity:
        try:
            decoded = self._decode(token)
            claims = core.CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
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
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(self.issuer, str(claims["sub"]), email, claims.get("name"))

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
                if told.get("issuer") != self.issuer or not all(
                    isinstance(told.get(name), str) for name in names
                ):
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


def fetch(url: str) -> dict[str, Any]:
    """A JSON object from a provider; Busy where it gives none."""
    try:
        answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Busy(UNREACHED) from error
    if not isinstance(told, dict):
        raise Busy(UNREACHED)
    return told
