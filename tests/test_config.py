"""Settings: every documented one is read, and what makes no sense is refused in a sentence."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from terrafirma.config import Settings, read_settings
from terrafirma.errors import ConfigurationError

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \|", re.MULTILINE)
DOCUMENTED = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
FIELD_OF = {name: name.removeprefix("TERRAFIRMA_").lower() for name in DOCUMENTED}
WHOLE = sorted(
    name for name, field in FIELD_OF.items() if isinstance(getattr(Settings(Path()), field), int)
)


def test_the_page_lists_every_setting_and_no_other():
    assert set(FIELD_OF.values()) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("name", sorted(set(DOCUMENTED) - {"TERRAFIRMA_DATA"}))
def test_the_page_gives_the_default(name):
    told = DOCUMENTED[name].strip("`")
    value = getattr(read_settings({}), FIELD_OF[name])
    assert ("empty" if value in ("", None) else str(value)) == told


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_every_setting_is_read_from_the_environment(name):
    other = {
        "TERRAFIRMA_SNAPSHOT": "daily",
        "TERRAFIRMA_LOG": "all",
        "TERRAFIRMA_READS": "key",
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
    assert str(value) == text
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
        ("TERRAFIRMA_PUBLIC_URL", "https://example.org/countries"),
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
