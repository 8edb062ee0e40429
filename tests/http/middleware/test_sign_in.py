"""Sign-in: what a provider must say to be believed, sessions, and pages of other sites."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from terrafirma.errors import ConfigurationError
from terrafirma.register.access.users import find_role, read_rules
from terrafirma.register.model.clock import MINUTE, later
from tests.conftest import make_key
from tests.http.middleware.providers import CLIENT, Provider

HERE = "http://localhost"
OWN = {"Origin": HERE}


@pytest.fixture(scope="module")
def running():
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running):
    """A provider that is honest until told otherwise."""
    running.claims, running.discovered, running.token, running.asked = {}, {}, None, []
    return running


@pytest.fixture
def open_client(open_app, sqlite_world_url, provider):
    """Makes clients, each a browser, of one app or of another that shares its register."""

    def make(**settings):
        given = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": "hush",
        }
        given |= {"oidc_roles": "ann@example.org=admin, @example.org=editor", "public_url": HERE}
        return open_app(sqlite_world_url, **given | settings).test_client()

    return make


def begin(client, place="/me"):
    """Start to sign in: what the provider is asked, each once."""
    answer = client.get("/login", query_string={"next": place})
    assert answer.status_code == 302, answer.json
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
    }


def sign_in(client, provider, **claims):
    """Sign in, as a provider with these claims has it."""
    asked = begin(client)
    provider.claims = {"nonce": asked["nonce"], **claims}
    return client.get(
        "/login/callback", query_string={"state": asked["state"], "code": "c", "scope": "openid"}
    )


def test_whoever_the_provider_vouches_for_comes_in(open_client, provider):
    client = open_client()
    answer = sign_in(client, provider)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me")
    cookie = next(
        each
        for each in answer.headers.getlist("Set-Cookie")
        if each.startswith("terrafirma_session=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert (client.get("/me").json["actor"], client.get("/me").json["role"]) == (
        "person:1",
        "admin",
    )
    assert client.patch("/countries/TH", json={"area": 1}, headers=OWN).status_code == 200
    entry = client.get("/countries/TH/entries").json[-1]
    assert entry["actor"] == "person:1"
    assert "ann" not in json.dumps(client.get(f"/entries?since={entry['number'] - 1}").json)
    [person] = client.get("/people").json
    assert (person["email"], person["role"]) == ("ann@example.org", "admin")


def test_the_provider_is_asked_as_it_should_be(open_client, provider):
    client = open_client()
    asked = begin(client)
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
    assert asked["redirect_uri"] == f"{HERE}/login/callback"
    assert {"openid", "email"} <= set(asked["scope"].split())
    assert asked["code_challenge_method"] == "S256"
    provider.claims = {"nonce": asked["nonce"]}
    client.get("/login/callback", query_string={"state": asked["state"], "code": "the code"})
    hashed = hashlib.sha256(provider.codes["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(hashed).decode().rstrip("=") == asked["code_challenge"]
    assert provider.codes["code"] == "the code"


def test_a_secure_server_sets_secure_cookies(open_client, provider):
    client = open_client(public_url="https://countries.example.org")
    answer = client.get("/login")
    assert "Secure" in answer.headers["Set-Cookie"]


def code_part(part):
    """Bytes, or a value as JSON, as a token has them."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forge(provider, nonce, alg):
    """A token with an honest one's claims, signed by nobody or with what everyone knows."""
    claims = provider.sign(nonce=nonce).split(".")[1]
    signed = f"{code_part({'alg': alg, 'kid': provider.key.kid})}.{claims}"
    public = provider.key.as_pem(private=False)
    signature = hmac.digest(public, signed.encode(), "sha256") if alg == "HS256" else b""
    return f"{signed}.{code_part(signature)}"


BAD = {
    "wrong audience": {"aud": "someone else"},
    "several audiences, for another": {"aud": [CLIENT, "x"], "azp": "x"},
    "no audience": {"aud": None},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "not yet issued": {"iat": 2**33},
    "swapped issuer": {"iss": "https://accounts.google.com"},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "replayed nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "wrong access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "key of another": {"key": RSAKey.generate_key(2048, {"kid": "first"})},
    "no signature": "none",
    "public key as a secret": "HS256",
    "not a token": "",
}


def make_bad(provider, nonce, bad):
    """A token that is wrong in one respect."""
    if isinstance(bad, dict):
        return provider.sign(**{"nonce": nonce} | bad)
    return forge(provider, nonce, bad) if bad else "a.b.c"


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_token_that_is_wrong_in_any_respect_lets_nobody_in(open_client, provider, bad):
    client = open_client()
    asked = begin(client)
    provider.token = make_bad(provider, asked["nonce"], bad)
    answer = client.get("/login/callback", query_string={"state": asked["state"], "code": "c"})
    assert answer.status_code == 403
    assert not [
        each
        for each in answer.headers.getlist("Set-Cookie")
        if each.startswith("terrafirma_session")
    ]
    assert client.get("/me").json["actor"] == "local"


def test_an_answer_counts_once_and_in_the_browser_it_is_for(open_client, provider):
    client, other = open_client(), open_client()
    asked = begin(client)
    provider.claims = {"nonce": asked["nonce"]}
    answer = {"state": asked["state"], "code": "c"}
    assert other.get("/login/callback", query_string=answer).status_code == 403
    cookie = client.get_cookie("terrafirma_login", path="/login").value
    assert client.get("/login/callback", query_string=answer).status_code == 302
    client.set_cookie("terrafirma_login", cookie, path="/login")
    assert client.get("/login/callback", query_string=answer).status_code == 403
    client.set_cookie("terrafirma_login", cookie[:-1] + "x", path="/login")
    assert client.get("/login/callback", query_string=answer).status_code == 403


@pytest.mark.parametrize(
    "changed", [{"state": "x"}, {"state": ""}, {"state": "é"}, {"iss": "https://evil.example"}]
)
def test_an_answer_to_another_question_is_refused(open_client, provider, changed):
    client = open_client()
    asked = begin(client)
    provider.claims = {"nonce": asked["nonce"]}
    answer = {"state": asked["state"], "code": "c"} | changed
    assert client.get("/login/callback", query_string=answer).status_code == 403


def test_an_answer_without_a_code_or_too_late_is_refused(open_client, provider, monkeypatch):
    client = open_client()
    asked = begin(client)
    refused = {"state": asked["state"], "error": "access_denied"}
    assert client.get("/login/callback", query_string=refused).status_code == 403
    asked = begin(client)
    late = later(11 * MINUTE)
    monkeypatch.setattr("terrafirma.register.access.sessions.now", lambda: late)
    answer = client.get("/login/callback", query_string={"state": asked["state"], "code": "c"})
    assert answer.status_code == 403


def test_a_provider_that_is_another_than_it_says_is_not_used(open_client, provider):
    provider.discovered = {"issuer": "https://accounts.google.com"}
    assert open_client().get("/login").status_code == 503


def test_a_provider_that_is_away_is_said(open_client):
    answer = open_client(oidc_issuer="http://127.0.0.1:1").get("/login")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_a_provider_may_sign_with_a_new_key(open_client, provider, monkeypatch):
    client, clock = open_client(), {"now": 1000.0}
    monkeypatch.setattr("terrafirma.http.app.oidc.time.monotonic", lambda: clock["now"])
    assert sign_in(client, provider).status_code == 302
    old, provider.key = provider.key, RSAKey.generate_key(2048, {"kid": "second"})
    clock["now"] += 61
    assert sign_in(client, provider).status_code == 302
    assert provider.asked.count("/jwks") == 2
    provider.token = provider.sign(old, nonce=begin(client)["nonce"])
    for _ in range(3):
        assert sign_in(client, provider).status_code == 403
    assert provider.asked.count("/jwks") == 2, (
        "rubbish does not make the provider be asked each time"
    )


@pytest.mark.parametrize("claims", [{"email": "eve@example.com"}, {"email_verified": False},
                                    {"email_verified": "false"},
                                    {"email": None}, {"email": "ann@example.org@evil.example"}])  # fmt: skip
def test_whoever_has_no_role_does_not_come_in(open_client, provider, claims):
    client = open_client()
    answer = sign_in(client, provider, **claims)
    assert (answer.status_code, "no role for you" in answer.json["error"]) == (403, True)
    assert client.get("/people", headers=make_key(client.application, "admin")).json == []


def test_the_first_person_ends_the_open_mode(open_client, provider):
    client, other = open_client(), open_client()
    assert other.get("/me").json["actor"] == "local"
    sign_in(client, provider)
    assert other.get("/me").json["actor"] is None
    assert other.patch("/countries/TH", json={"area": 1}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": HERE}, 200), ({"Sec-Fetch-Site": "same-origin"}, 200), ({}, 403),
        ({"Origin": HERE, "Sec-Fetch-Site": "same-origin"}, 200), ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403), ({"Origin": HERE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": "https://app.example.org"}, 403),
    ],
)  # fmt: skip
def test_only_our_own_pages_write_with_a_cookie(open_client, provider, headers, status):
    client = open_client(origins="https://app.example.org")
    sign_in(client, provider)
    assert client.patch("/countries/TH", json={"area": 1}, headers=headers).status_code == status
    assert client.post("/logout", headers=headers).status_code == (204 if status == 200 else 403)


def test_signing_out_ends_the_session_on_the_server(open_client, provider):
    client = open_client()
    sign_in(client, provider)
    cookie = client.get_cookie("terrafirma_session").value
    assert client.post("/logout", headers=OWN).status_code == 204
    assert client.get_cookie("terrafirma_session") is None
    client.set_cookie("terrafirma_session", cookie)
    assert client.get("/me").json["actor"] is None


def test_someone_blocked_is_out_at_once_and_stays_out(open_client, provider):
    ann, bob = open_client(), open_client()
    sign_in(ann, provider)
    sign_in(bob, provider, sub="bob", email="bob@example.org")
    assert bob.get("/me").json["role"] == "editor"
    assert bob.delete("/people/1", headers=OWN).status_code == 403
    assert ann.delete("/people/2", headers=OWN).status_code == 204
    assert bob.get("/me").json["actor"] is None
    assert sign_in(bob, provider, sub="bob", email="bob@example.org").status_code == 403
    assert ann.post("/people/2/admit", headers=OWN).status_code == 200
    assert sign_in(bob, provider, sub="bob", email="bob@example.org").status_code == 302


def test_tokens_are_replaced_and_one_that_comes_back_ends_the_session(
    open_client, provider, monkeypatch
):
    client = open_client()
    sign_in(client, provider)
    first = client.get_cookie("terrafirma_session").value
    assert client.get("/me").status_code == 200
    assert client.get_cookie("terrafirma_session").value == first
    monkeypatch.setattr("terrafirma.register.access.sessions.ROTATION", 0)
    # The bytes are for everyone, the cookie is not.
    answer = client.get("/countries/AU")
    second = client.get_cookie("terrafirma_session").value
    assert second != first
    assert answer.headers["Cache-Control"] == "no-store"
    stranger = client.application.test_client()
    for _ in range(2):
        assert "Set-Cookie" not in stranger.get("/countries/AU").headers
    monkeypatch.undo()
    stranger.set_cookie("terrafirma_session", first)
    assert stranger.get("/me").json["actor"] == "person:1", "requests under way still count"
    monkeypatch.setattr("terrafirma.register.access.sessions.OVERLAP", 0)
    assert stranger.get("/me").json["actor"] is None
    assert client.get("/me").json["actor"] is None, "the thief's copy and the owner's both end"


def test_a_cookie_that_is_none_of_ours_reads_like_anyone(open_client):
    client = open_client()
    for value in ("", "x", "x.y", "a" * 4000, "\x80"):
        client.set_cookie("terrafirma_session", value)
        assert client.get("/countries/TH").status_code == 200


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "me",
        "/a b",
        "/\n",
        "/" + "a" * 600,
    ],
)
def test_sign_in_leads_nowhere_else(open_client, place):
    assert open_client().get("/login", query_string={"next": place}).status_code == 400


def test_sign_ins_are_limited(open_client):
    client = open_client(limit_sign_ins=2)
    assert [client.get(path).status_code for path in ("/login", "/login/callback", "/login")] == [
        302,
        403,
        429,
    ]


def test_without_a_provider_there_is_no_sign_in(sqlite_client):
    assert sqlite_client.get("/login").status_code == 404
    assert sqlite_client.get("/login/callback?state=x&code=y").status_code == 404


def test_sign_in_needs_an_address_to_come_back_to(open_client):
    with pytest.raises(ConfigurationError, match="needs TERRAFIRMA_PUBLIC_URL"):
        open_client(public_url="")


def test_rules_give_the_nearest_role():
    rules = read_rules("Ann@Example.org=admin, @example.org=editor ,*=reader")
    assert [find_role(rules, each) for each in ("ann@example.org", "BOB@EXAMPLE.ORG", "x@sub.example.org", None)] == [
        "admin", "editor", "reader", None,
    ]  # fmt: skip
    assert find_role({}, "ann@example.org") is None


@pytest.mark.parametrize(
    "text",
    ["ann@example.org", "ann=admin", "@example.org=owner", "*@x=admin", "=admin", "a@b=c=admin"],
)
def test_rules_that_make_no_sense_are_refused(text):
    with pytest.raises(ConfigurationError, match=r"^TERRAFIRMA_OIDC_ROLES must be"):
        read_rules(text)
