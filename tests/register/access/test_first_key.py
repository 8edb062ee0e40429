"""The admin key of the settings: valid from the start, replaced by another, revoked for good."""

import pytest

from terrafirma.errors import ConfigurationError
from terrafirma.register.access.api_keys import make_token
from terrafirma.register.access.first_key import read_token


def status(app, token):
    """The status of a request that only an admin may make."""
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().get("/keys", headers=headers).status_code


def test_the_key_is_an_admins_and_a_new_one_takes_its_place(open_app, world_url):
    first, second = make_token()[0], make_token()[0]
    assert status(open_app(world_url, admin_key=first), first) == 200
    # A second start with the same key adds nothing.
    again = open_app(world_url, admin_key=first)
    headers = {"Authorization": f"Bearer {first}"}
    assert len(again.test_client().get("/keys", headers=headers).json) == 1
    other = open_app(world_url, admin_key=second)
    assert status(other, second) == 200
    assert status(other, first) == 401


def test_a_revoked_key_stays_revoked(open_app, world_url):
    token = make_token()[0]
    headers = {"Authorization": f"Bearer {token}"}
    client = open_app(world_url, admin_key=token).test_client()
    (key,) = client.get("/keys", headers=headers).json
    assert client.delete(f"/keys/{key['id']}", headers=headers).status_code in (200, 204)
    assert status(open_app(world_url, admin_key=token), token) == 401


def test_the_key_may_be_in_a_file(tmp_path):
    token, file = make_token()[0], tmp_path / "key"
    file.write_text(token + "\n")
    assert read_token("", file) == token
    assert read_token("", None) is None
    with pytest.raises(ConfigurationError, match="both set"):
        read_token(token, file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_token("", tmp_path / "nowhere")
    file.write_text("secret")
    with pytest.raises(ConfigurationError, match="keys generate"):
        read_token("", file)
