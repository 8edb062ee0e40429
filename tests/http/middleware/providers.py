"""A provider that does as it is told, right or wrong, so that what must be refused can be sent."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.operations.processes import end_with_parent
from tests.postgres_server import find_free_port

CLIENT = "terrafirma"
ANN = {"sub": "ann", "email": "ann@example.org", "email_verified": True, "name": "Ann"}


class Provider:
    """An OpenID Connect provider on this machine; as a context it is up inside."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first"})
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.port}"
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        self.discovered: dict[str, Any] = {}
        self.token: str | None = None
        self.asked: list[str] = []
        self.codes: dict[str, Any] = {}

    def answer(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        told = {
            "/.well-known/openid-configuration": self.discover,
            "/jwks": self.keys,
            "/token": self.give,
            "/userinfo": lambda _request: self.userinfo,
        }
        return Response(json.dumps(told[request.path](request)), mimetype="application/json")(
            environ, start
        )

    def discover(self, _request: Request) -> dict[str, Any]:
        told = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize"}
        return (
            told
            | {"token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks"}
            | self.discovered
        )

    def keys(self, _request: Request) -> Any:
        return KeySet([self.key]).as_dict(private=False)

    def give(self, request: Request) -> dict[str, Any]:
        self.codes, self.headers = request.form.to_dict(), dict(request.headers)
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.token or self.sign()}

    def sign(self, key: Any = None, **claims: Any) -> str:
        """An identity token; a claim of None is left out."""
        now = int(time.time())
        told = (
            {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60}
            | ANN
            | self.claims
            | claims
        )
        key = key or self.key
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": key.kid}, kept, key)

    def __enter__(self) -> "Provider":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()


@contextmanager
def run_provider() -> Iterator[str]:
    """The address of a real provider, a process of its own, that knows Ann; she signs in by its page."""
    port = find_free_port()
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--user-claims",
        json.dumps(ANN),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, preexec_fn=end_with_parent, **quiet) as process:  # noqa: PLW1509 - it takes no lock
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(f"http://localhost:{port}/")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://localhost:{port}"
        process.terminate()
