"""OpenID Connect: the only module that talks to a provider. Authlib, which has no types, is only
used here.

Authorization code flow with PKCE and a nonce; the provider is found by discovery, and its keys are
fetched again when a token names an unknown key.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from terrafirma.deferred import Deferred
from terrafirma.errors import Busy, Forbidden
from terrafirma.telemetry import get_logger

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
REFUSED_FOR = "The sign-in provider did not confirm this sign-in: {}. Begin again at /login."
WRONG_ISSUER = (
    "The sign-in provider calls itself {}; TERRAFIRMA_OIDC_ISSUER of this server says otherwise."
)
LONGEST_REASON = 300


@dataclass(frozen=True)
class Identity:
    """Whom a provider vouches for."""

    issuer: str
    subject: str
    email: str | None
    """Only if the provider has verified it, or the settings trust its addresses."""
    name: str | None
    values: tuple[str, ...] = ()
    """The values of the claim that roles follow from."""
    doubt: str = ""
    """The reason why there is no address."""


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
        claim: str = "",
    ) -> None:
        self.issuer = issuer
        self._trust_email = trust_email
        self._claim = claim
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
            raise refuse_sign_in(f"it did not take the code ({error})") from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refuse_sign_in("its answer has no id_token")
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
            raise refuse_sign_in(f"its token is not valid ({error})") from error
        told = dict(claims)
        if not told.get("email") or (self._claim and find_claim(told, self._claim) is None):
            told = self._ask_userinfo(access_token, str(claims["sub"])) | told
        email, doubt = read_email(told, trusted=self._trust_email)
        values = list_values(find_claim(told, self._claim)) if self._claim else ()
        return Identity(self.issuer, str(claims["sub"]), email, told.get("name"), values, doubt)

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
                other = clean(told.get("issuer"))
                if not self.is_issuer(str(told.get("issuer"))):
                    log.error("oidc", issuer=self.issuer, told=other)
                    raise Busy(WRONG_ISSUER.format(other))
                if missing := [name for name in names if not isinstance(told.get(name), str)]:
                    log.error("oidc", issuer=self.issuer, missing=missing)
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


def refuse_sign_in(reason: str) -> Forbidden:
    """The refusal of a sign-in with its reason, which is logged too."""
    told = clean(reason)
    log.warning("oidc", reason=told)
    return Forbidden(REFUSED_FOR.format(told))


def clean(text: Any) -> str:
    """A provider's words as they can be shown: one line, not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in str(text)).split())
    return line[:LONGEST_REASON].rstrip(" :.")


def read_email(claims: dict[str, Any], *, trusted: bool) -> tuple[str | None, str]:
    """The address that a provider vouches for; None, with the reason, where it does not.

    Some say `email_verified` as text; Microsoft Entra never says it, so its addresses must be trusted by a setting.
    """
    email, verified = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str) or not email:
        return None, "the sign-in provider names no e-mail address of yours"
    if trusted or verified is True or str(verified).lower() == "true":
        return email, ""
    if verified is None:
        return None, (
            "the sign-in provider does not say that it verified your e-mail address; "
            "TERRAFIRMA_OIDC_TRUST_EMAIL=yes trusts it all the same"
        )
    return None, "the sign-in provider has not verified your e-mail address"


def find_claim(claims: dict[str, Any], name: str) -> Any:
    """A claim by its name, or by a path with dots, such as `realm_access.roles`; None without it."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def list_values(claim: Any) -> tuple[str, ...]:
    """The texts of a claim: of a list, or of a text with spaces or commas between them."""
    listed = claim if isinstance(claim, list) else [claim]
    if isinstance(claim, str):
        listed = [claim, *claim.replace(",", " ").split()]
    return tuple(dict.fromkeys(each for each in listed if isinstance(each, str) and each))


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
