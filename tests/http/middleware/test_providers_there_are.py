"""Sign-in with providers as they are: what they leave out, say otherwise or elsewhere, and the reason of a refusal."""

import pytest

from tests.conftest import make_key
from tests.http.middleware.test_sign_in import (  # noqa: F401 - fixtures
    open_client,
    provider,
    running,
    sign_in,
)

BROWSER = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def plain(provider):  # noqa: F811
    provider.userinfo = {}


def refuse(client, provider, **claims):  # noqa: F811
    """The reason of a refusal, as the answer and the audit log have it."""
    answer = sign_in(client, provider, **claims)
    assert answer.status_code == 403
    audit = client.get("/audit", headers=make_key(client.application, "admin")).json
    details = [each["details"] for each in audit if each["event"] == "sign-in-refused"]
    assert details[-1] == {"reason": answer.json["error"]}
    return answer.json["error"]


def test_entra_does_not_say_that_it_verified_an_address(open_client, provider):  # noqa: F811
    reason = refuse(open_client(), provider, email_verified=None)
    assert "does not say that it verified your e-mail address" in reason
    assert "TERRAFIRMA_OIDC_TRUST_EMAIL" in reason
    trusting = open_client(oidc_trust_email="yes")
    assert sign_in(trusting, provider, email_verified=None).status_code == 302


def test_cognito_says_it_as_text(open_client, provider):  # noqa: F811
    assert sign_in(open_client(), provider, email_verified="true").status_code == 302


def test_okta_has_the_address_elsewhere(open_client, provider):  # noqa: F811
    provider.discovered = {"userinfo_endpoint": f"{provider.issuer}/userinfo"}
    assert "names no e-mail address" in refuse(open_client(), provider, email=None)
    provider.userinfo = {"sub": "ann", "email": "ann@example.org", "email_verified": True}
    assert sign_in(open_client(), provider, email=None).status_code == 302
    provider.userinfo["sub"] = "eve"
    assert "names no e-mail address" in refuse(open_client(), provider, email=None)


def test_the_secret_is_sent_as_the_provider_takes_it(open_client, provider):  # noqa: F811
    methods = "token_endpoint_auth_methods_supported"
    provider.discovered = {methods: ["client_secret_post"]}
    assert sign_in(open_client(), provider).status_code == 302
    assert provider.codes["client_secret"] == "hush"
    assert "Authorization" not in provider.headers
    provider.discovered = {methods: ["client_secret_post", "client_secret_basic"]}
    assert sign_in(open_client(), provider).status_code == 302
    assert provider.headers["Authorization"].startswith("Basic ")


def test_auth0_ends_its_name_with_a_slash(open_client, provider):  # noqa: F811
    slash = f"{provider.issuer}/"
    provider.discovered = {"issuer": slash}
    assert sign_in(open_client(), provider, iss=slash).status_code == 302
    provider.discovered = {}
    assert sign_in(open_client(oidc_issuer=slash), provider).status_code == 302


def test_another_issuer_is_named(open_client, provider):  # noqa: F811
    provider.discovered = {"issuer": "https://login.example.net/tenant"}
    answer = open_client().get("/login", headers=BROWSER)
    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert b"https://login.example.net/tenant" in answer.data


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("groups", {"groups": ["staff", "Terra Admins"]}),
        ("roles", {"roles": "Terra Admins"}),
        ("cognito:groups", {"cognito:groups": ["Terra Admins"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["terra admins"]}}),
        ("https://example.org/roles", {"https://example.org/roles": ["Terra Admins"]}),
    ],
)
def test_roles_follow_from_a_claim(open_client, provider, claim, claims):  # noqa: F811
    rules = "claim:terra admins=admin,claim:staff=reader,@example.org=editor"
    client = open_client(oidc_claim=claim, oidc_roles=rules)
    assert sign_in(client, provider, email=None, **claims).status_code == 302
    assert client.get("/me").json["role"] == "admin"
    other = open_client(oidc_claim=claim, oidc_roles=rules)
    assert sign_in(other, provider).status_code == 302
    assert other.get("/me").json["role"] == "editor"


def test_a_claim_without_a_rule_gives_no_role(open_client, provider):  # noqa: F811
    client = open_client(oidc_claim="groups", oidc_roles="claim:staff=reader")
    assert "no role for you" in refuse(client, provider, groups=["guests"], email=None)
    assert "no role for you" in refuse(client, provider, groups={"staff": True})


def test_a_person_reads_why_on_a_page(open_client, provider, capsys):  # noqa: F811
    client = open_client(log="changes")
    answer = client.get("/login")
    state = client.get_cookie("terrafirma_login", path="/login").value.rpartition(".")[0]
    asked = {"state": state, "error": "access_denied", "error_description": "<b>No\nconsent</b>"}
    answer = client.get("/login/callback", query_string=asked, headers=BROWSER)
    assert answer.status_code == 403
    assert "it says access_denied: &lt;b&gt;No consent&lt;/b&gt;" in answer.text
    assert "access_denied" in capsys.readouterr().err


def test_a_token_for_another_client_is_named(open_client, provider):  # noqa: F811
    client = open_client()
    answer = sign_in(client, provider, aud="another")
    assert answer.status_code == 403
    assert "token is not valid" in answer.json["error"]
    assert "aud" in answer.json["error"]
