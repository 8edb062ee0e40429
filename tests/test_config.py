"""Settings: every documented one is read, and what makes no sense is refused in a sentence."""

import json
import re
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner

from terrafirma.commands.main import main
from terrafirma.config import Settings, list_fields, read_settings
from terrafirma.errors import ConfigurationError

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \|", re.MULTILINE)
DOCUMENTED = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
FIELD_OF = {name: name.removeprefix("TERRAFIRMA_").lower() for name in DOCUMENTED}
WHOLE = sorted(
    name for name, field in FIELD_OF.items() if isinstance(getattr(Settings(Path()), field), int)
)


def test_the_page_lists_every_setting_and_no_other():
    assert (
        set(FIELD_OF.values()) == {field.name for field in fields(Settings)} == set(list_fields())
    )


@pytest.mark.parametrize("name", sorted(set(DOCUMENTED) - {"TERRAFIRMA_DATA"}))
def test_the_page_gives_the_default(name):
    told = DOCUMENTED[name].strip("`")
    value = getattr(read_settings({}), FIELD_OF[name])
    assert ("empty" if value in ("", None, ()) else str(value)) == told


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_every_setting_is_read_from_the_environment(name):
    other = {
        "TERRAFIRMA_SNAPSHOT": "daily",
        "TERRAFIRMA_OIDC_TRUST_EMAIL": "yes",
        "TERRAFIRMA_LOG": "all",
        "TERRAFIRMA_READS": "key",
        "TERRAFIRMA_READS_FROM": "primary",
        "TERRAFIRMA_HOT_CACHE_CHECK": "always",
        "TERRAFIRMA_METRICS": "open",
        "TERRAFIRMA_PROXIES": "10.0.0.0/8",
        "TERRAFIRMA_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "TERRAFIRMA_PUBLIC_URL": "https://countries.example.org",
        "TERRAFIRMA_RESTCOUNTRIES_STRICT": "1",
        "TERRAFIRMA_DATASET": "starter",
        "DATABASE_URL": "sqlite:////x/y",
    }
    text = other.get(name, "7")
    value = getattr(read_settings({name: text}), FIELD_OF[name])
    assert (",".join(map(str, value)) if isinstance(value, tuple) else str(value)) == text
    default = getattr(read_settings({}), FIELD_OF[name])
    assert type(value) is type(default) or (default is None and isinstance(value, Path))


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(
    "text", ["x", "-1", "1.5", "1e3", " 5", "0x10", "٥", "5\n", "9" * 30, "1_000"]
)
def test_whole_numbers_are_whole_numbers(name, text):
    with pytest.raises(ConfigurationError, match=rf"^{name} must be a whole number from"):
        read_settings({name: text})


LIMITS = ("LIMIT_REQUESTS", "LIMIT_WRITES", "LIMIT_FAILURES", "LIMIT_SIGN_INS")
ZERO = (
    *LIMITS,
    "HOT_CACHE",
    "MAX_LAG",
    "STATE_CACHE",
    "JOB_THREADS",
    "MAX_AGE",
    "RESTCOUNTRIES_MAX_AGE",
    "RESTCOUNTRIES_STRICT",
)
FROM_ZERO = {f"TERRAFIRMA_{name}" for name in ZERO}


@pytest.mark.parametrize("name", sorted(set(WHOLE) - FROM_ZERO))
def test_zero_is_too_little(name):
    with pytest.raises(ConfigurationError, match=name):
        read_settings({name: "0"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TERRAFIRMA_PORT", "65536"),
        ("TERRAFIRMA_WORKERS", "257"),
        ("TERRAFIRMA_LOG", "everything"),
        ("TERRAFIRMA_LOG", "ALL"),
        ("TERRAFIRMA_READS", "nobody"),
        ("TERRAFIRMA_PROXIES", "proxy"),
        ("TERRAFIRMA_PROXIES", "10.0.0.1/8"),
        ("TERRAFIRMA_WEBHOOK_NETWORKS", "localhost"),
        ("TERRAFIRMA_PUBLIC_URL", "countries.example.org"),
        ("TERRAFIRMA_PUBLIC_URL", "https://user@example.org"),
        ("TERRAFIRMA_DATASET", "moon"),
        ("TERRAFIRMA_DATASET", "currencies"),
        ("TERRAFIRMA_DATASET", "../world"),
    ],
)
def test_other_values_that_make_no_sense(name, text):
    with pytest.raises(ConfigurationError, match=rf"^{name} must be "):
        read_settings({name: text})


def test_what_is_given_stands_above_the_environment():
    environ = {"TERRAFIRMA_PORT": "1234", "TERRAFIRMA_HOST": "::1"}
    settings = read_settings(environ, port=80, host=None)
    assert (settings.port, settings.host) == (80, "::1")


def test_an_empty_setting_is_no_setting():
    assert read_settings({"TERRAFIRMA_PORT": "", "DATABASE_URL": ""}).port == 5000


def test_the_starter_register_has_a_file_of_its_own(tmp_path):
    environ = {"DATABASE_URL": "postgresql://elsewhere/x", "TERRAFIRMA_DATA": str(tmp_path)}
    assert (
        read_settings(environ, dataset="starter").url == f"sqlite:///{tmp_path / 'starter.sqlite'}"
    )
    assert read_settings(environ).url == "postgresql://elsewhere/x"
    assert (
        read_settings({"TERRAFIRMA_DATA": str(tmp_path)}).url
        == f"sqlite:///{tmp_path / 'register.sqlite'}"
    )


def test_lists_are_parsed_once():
    settings = read_settings(
        {"TERRAFIRMA_PROXIES": "10.0.0.0/8, ::1", "TERRAFIRMA_HOSTS": " A.org,,b.org "}
    )
    assert settings.proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.hosts == ("a.org", "b.org")


def test_every_wrong_setting_is_reported_at_once():
    with pytest.raises(ConfigurationError) as caught:
        read_settings({"TERRAFIRMA_PORT": "x", "TERRAFIRMA_LOG": "y", "TERRAFIRMA_PROXIES": "z"})
    assert all(
        f"TERRAFIRMA_{name} must be" in caught.value.sentence for name in ("PORT", "LOG", "PROXIES")
    )


def test_names_that_are_no_settings_are_refused_with_the_nearest():
    with pytest.raises(ConfigurationError) as caught:
        read_settings({"TERRAFIRMA_PROT": "1", "TERRAFIRMA_QQQ": "", "TERRAFIRMAX": "1"})
    assert caught.value.sentence == (
        "TERRAFIRMA_PROT is not a setting; did you mean TERRAFIRMA_PORT? TERRAFIRMA_QQQ is not a setting."
    )


def test_the_environment_stands_above_the_file_and_options_above_both(tmp_path):
    file = tmp_path / "terrafirma.toml"
    file.write_text('port = 1\nthreads = 2\nworkers = 3\nhosts = ["a.org"]\n')
    environ = {
        "TERRAFIRMA_CONFIG": str(file),
        "TERRAFIRMA_THREADS": "20",
        "TERRAFIRMA_WORKERS": "30",
    }
    settings = read_settings(environ, workers=200)
    assert (settings.port, settings.threads, settings.workers) == (1, 20, 200)
    assert settings.hosts == ("a.org",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = 0", "^port must be a whole number from 1 to 65535, not '0'"),
        ("port = 1.5", "^port must be a whole number"),
        ("port = true", "^port must be a whole number"),
        ("prot = 1", "^prot in .* is not a setting; did you mean port"),
        ("port", "is not TOML"),
        ("hosts = 5", "^hosts must be"),
    ],
)
def test_the_file_is_checked_as_the_environment_is(text, sentence, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=sentence):
        read_settings({"TERRAFIRMA_CONFIG": str(file)})


def test_a_file_that_is_named_must_be_there(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_settings({"TERRAFIRMA_CONFIG": str(tmp_path / "none.toml")})


def test_the_file_of_the_working_directory_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terrafirma.toml").write_text("port = 77")
    assert read_settings({}).port == 77


def test_what_hosting_services_write_is_understood():
    assert read_settings({"DATABASE_URL": "postgres://a@b/c"}).url == "postgresql://a@b/c"


def test_config_prints_values_and_sources_and_no_secrets(tmp_path):
    secrets = {"TERRAFIRMA_SECRET": "s" * 32, "DATABASE_URL": "postgresql://ann:pass@db/x"}
    environ = secrets | {"TERRAFIRMA_PROXIES": "10.0.0.0/8"}
    told = CliRunner().invoke(main, ["config", "--data", str(tmp_path)], env=environ)
    assert told.exit_code == 0, told.output
    rows = {line.split()[0]: line.split()[1:] for line in told.output.splitlines()}
    assert rows["TERRAFIRMA_PROXIES"] == ["environment", "10.0.0.0/8"]
    assert rows["TERRAFIRMA_DATA"] == ["option", str(tmp_path)]
    assert rows["TERRAFIRMA_PORT"] == ["default", "5000"]
    assert rows["DATABASE_URL"] == ["environment", "postgresql://ann:…@db/x"]
    assert "sss" not in told.output
    listed = json.loads(CliRunner().invoke(main, ["config", "--json"], env=environ).output)
    assert {"name": "TERRAFIRMA_SECRET", "value": "(set)", "source": "environment"} in listed
