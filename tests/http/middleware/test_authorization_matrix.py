"""The authorisation matrix, fuzzed: whatever else a request says, its caller's role decides."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as some

from terrafirma.config import Settings
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.app.routes import Access
from tests.conftest import close_app, make_key
from tests.http.middleware.test_authorization import TABLE, try_route, write_rule

RANKS = {None: 0, "reader": 1, "editor": 2, "admin": 3}
NEEDED = {Access.OPEN: 0, Access.READ: 0, Access.WATCH: 1, Access.WRITE: 2, Access.ADMIN: 3}

NOISE = some.fixed_dictionaries(
    {},
    optional={
        "X-Forwarded-For": some.sampled_from(
            ["127.0.0.1", "::1", "192.0.2.1", "", "127.0.0.1, 127.0.0.1"]
        ),
        "X-Forwarded-Host": some.just("localhost"),
        "X-Real-IP": some.just("127.0.0.1"),
        "Forwarded": some.just("for=127.0.0.1"),
        "Host": some.sampled_from(
            ["localhost", "127.0.0.1:5000", "[::1]", "countries.example.org", ""]
        ),
        "Origin": some.sampled_from(["http://localhost", "null", "https://evil.example"]),
        "Sec-Fetch-Site": some.sampled_from(["none", "same-origin", "cross-site"]),
        "Cookie": some.sampled_from(
            ["terrafirma_session=x.y", "terrafirma_session=", "a=b; terrafirma_session=admin"]
        ),
        "X-HTTP-Method-Override": some.sampled_from(["GET", "DELETE"]),
        "X-Original-URL": some.just("/health"),
        "X-Terrafirma-Caller": some.just("admin"),
        "Terrafirma.Caller": some.just("admin"),
        "Content-Type": some.sampled_from(["application/json", "text/plain"]),
    },
)
SCHEMES = some.sampled_from(["Bearer", "bearer", "BEARER"])
PEERS = some.sampled_from(["127.0.0.1", "192.0.2.1", "::1", ""])


@pytest.fixture(scope="module")
def guarded(world_file: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A client of an app that has a key of each role, and the keys."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "register.sqlite").write_bytes(world_file.read_bytes())
    app = create_app(
        Settings(
            data=folder,
            log="none",
            limit_requests=0,
            limit_writes=0,
            limit_failures=0,
            metrics="key",
        )
    )
    keys = {
        role: make_key(app, role)["Authorization"].removeprefix("Bearer ") for role in RANKS if role
    }
    yield app.test_client(), keys
    close_app(app)


def is_page_of_another_site(headers: dict[str, str]) -> bool:
    """Say what a browser says in these headers."""
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if origin is not None:
        return origin != f"http://{headers.get('Host', 'localhost')}" or site not in (
            None,
            "same-origin",
        )
    return site == "cross-site"


@effort(
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(some.sampled_from(sorted(TABLE)), some.sampled_from([*RANKS]), NOISE, SCHEMES, PEERS)
def test_no_combination_gives_more_than_the_role(guarded, route, role, noise, scheme, peer):
    client, keys = guarded
    contracts = client.application.extensions[EXTENSION].contracts.values()
    access = next(
        each.access for each in contracts if (each.method, write_rule(each.rule)) == route
    )
    headers = noise | ({"Authorization": f"{scheme} {keys[role]}"} if role else {})
    told = try_route(client, *route, headers, environ_base={"REMOTE_ADDR": peer})
    # Reading is open here, so the pages of every site may read records, also by POST (/graphql, /resolve).
    if is_page_of_another_site(headers) and access not in (Access.OPEN, Access.READ):
        assert told == "403"
    elif RANKS[role] >= NEEDED[access]:
        assert told == "yes"
    else:
        assert told == ("403" if role else "401")
