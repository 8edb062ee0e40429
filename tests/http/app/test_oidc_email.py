"""Which e-mail address of a provider counts."""

import pytest

from terrafirma.http.app.oidc import Provider, read_email

ADDRESS = "ann@example.org"


@pytest.mark.parametrize(
    ("claims", "trusted", "found"),
    [
        ({"email": ADDRESS, "email_verified": True}, False, ADDRESS),
        ({"email": ADDRESS, "email_verified": "true"}, False, ADDRESS),
        ({"email": ADDRESS}, False, None),
        ({"email": ADDRESS, "email_verified": False}, False, None),
        ({"email": ADDRESS, "email_verified": "false"}, False, None),
        ({"email": ADDRESS}, True, ADDRESS),
        ({"email": [ADDRESS], "email_verified": True}, True, None),
        ({"email_verified": True}, True, None),
    ],
)
def test_an_address_counts_if_it_is_verified_or_the_provider_trusted(claims, trusted, found):
    email, doubt = read_email(claims, trusted=trusted)
    assert (email, bool(doubt)) == (found, found is None)


def test_a_slash_at_the_end_of_an_issuer_makes_no_difference():
    provider = Provider("https://id.example.org", "me", "secret", "https://example.org/back")
    assert provider.is_issuer("https://id.example.org/")
    assert not provider.is_issuer("https://id.example.org.evil.example")
