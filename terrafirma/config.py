"""Every setting, checked and parsed once.

A setting is a field of `Settings`: its type, its bounds and its default are nowhere else. Its value comes from an
option of the command line, else from the environment, else from `terrafirma.toml`. docs/settings.md lists them all; a
test compares.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from difflib import get_close_matches
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, cast, get_args, get_type_hints

from annotated_types import Interval
from platformdirs import user_data_dir
from pydantic import AfterValidator, BeforeValidator, ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from terrafirma.errors import ConfigurationError

Network = IPv4Network | IPv6Network

STARTER: Final = "starter"
WORLD: Final = "world"
PREFIX = "TERRAFIRMA_"
UNIX = "unix:"
"""Before the path of a Unix socket to listen on."""
MOST = 2**31 - 1
YEAR_SECONDS = 31_536_000

CONFIG_FILE = PREFIX + "CONFIG"
"""The environment variable that names the settings file."""
DEFAULT_FILE = Path("terrafirma.toml")
"""The settings file, in the working directory, where the environment names no other."""
NOT_SETTINGS = frozenset({CONFIG_FILE})
"""Names with the prefix that are read elsewhere: they are no fields of `Settings`."""


def read_whole(value: Any) -> Any:
    """A whole number from its text; numbers of other types stay as they are, for pydantic to judge."""
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, str):
        if not re.fullmatch("[0-9]{1,18}", value):
            raise ValueError
        return int(value)
    return value


def split_list(value: Any) -> Any:
    """The parts of a text that has commas between them; a list, as in the settings file, stays."""
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


def read_networks(value: Any) -> tuple[Network, ...]:
    """The networks of a list."""
    try:
        return tuple(ip_network(part) for part in split_list(value))
    except (ValueError, TypeError) as error:
        raise ValueError(f"must be addresses or networks such as 10.0.0.0/8: {error}") from None


def read_host(text: str) -> str:
    """An address to listen on; IPv6 without brackets, or a Unix socket with its absolute path."""
    if text.startswith(UNIX) and not text.startswith(f"{UNIX}/"):
        raise ValueError(
            "must name a Unix socket by its absolute path, as unix:/run/terrafirma.sock"
        )
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def check_public_url(url: str) -> str:
    """The address, if it has no query."""
    if url and not re.fullmatch(r"https?://[^/?#\s@]+(/[\w.~-]+)*", url, re.ASCII):
        raise ValueError(
            "must be an address such as https://example.org or https://example.org/geo, "
            "without a slash at its end"
        )
    return url


def name_postgresql(url: str) -> str:
    """The address with the driver's scheme; many hosting services give `postgres://`."""
    return re.sub(r"^postgres(?=[:+])", "postgresql", url)


Whole = Annotated[int, BeforeValidator(read_whole)]
Positive = Annotated[Whole, Interval(ge=1, le=MOST)]
NotNegative = Annotated[Whole, Interval(ge=0, le=MOST)]
Seconds = Annotated[Whole, Interval(ge=0, le=YEAR_SECONDS)]
Texts = Annotated[tuple[str, ...], BeforeValidator(split_list)]
Names = Annotated[Texts, AfterValidator(lambda names: tuple(map(str.lower, names)))]
Networks = Annotated[tuple[Network, ...], BeforeValidator(read_networks)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Settings:
    """Settings of a single process."""

    data: Path
    """Directory of everything that is kept."""
    host: Annotated[str, AfterValidator(read_host)] = "127.0.0.1"
    port: Annotated[Whole, Interval(ge=1, le=65_535)] = 5000
    workers: Annotated[Whole, Interval(ge=1, le=256)] = 1
    threads: Annotated[Whole, Interval(ge=1, le=256)] = 4
    database_url: Annotated[str, AfterValidator(name_postgresql)] = ""
    """Empty: a SQLite file in the data directory."""
    read_url: Annotated[str, AfterValidator(name_postgresql)] = ""
    """Address of standbys that reads are answered from; empty: the primary answers all."""
    reads_from: Literal["replica", "primary"] = "replica"
    """The server for reads, where there is a standby."""
    max_lag: Annotated[Whole, Interval(ge=0, le=3_600)] = 5
    """Seconds that a standby may be behind."""
    dataset: Literal["world", "starter"] = WORLD
    """The dataset of a new register."""
    max_body: Positive = 1_000_000
    """Bytes of a request body."""
    max_depth: Annotated[Whole, Interval(ge=1, le=200)] = 32
    """Levels of nesting in a JSON body."""
    max_items: Positive = 1_000
    """Items of an array in a JSON body."""
    max_query: Positive = 8_000
    """Characters of a query string."""
    max_page: Annotated[Whole, Interval(ge=1, le=100_000)] = 1_000
    """Maximum and default number of rows per page."""
    max_seconds: Annotated[
        int | float, BeforeValidator(read_whole), Interval(ge=0.001, le=86_400)
    ] = 10
    """Seconds of database time per request, and of waiting for the write lock."""
    max_streams: Annotated[Whole, Interval(ge=1, le=1_000)] = 16
    """Event streams per process; each uses a thread."""
    address_streams: Annotated[Whole, Interval(ge=1, le=1_000)] = 8
    """Event streams of a single address per process."""
    send_seconds: Annotated[Whole, Interval(ge=1, le=86_400)] = 60
    """Seconds for which the server waits while a client neither reads nor sends."""
    max_age: Seconds = 0
    """`max-age` of cacheable answers in seconds."""
    idempotency_hours: Annotated[Whole, Interval(ge=1, le=87_600)] = 24
    """Hours for which the answer to an Idempotency-Key is kept."""
    hot_cache: Annotated[Whole, Interval(ge=0, le=2**63 - 1)] = 64_000_000
    """Bytes of cached answers per worker; 0: no cache."""
    hot_cache_check: Literal["lease", "always"] = "lease"
    """Asking PostgreSQL whether cached answers are current: under a lease not at each read."""
    state_cache: Annotated[Whole, Interval(ge=0, le=2**63 - 1)] = 32_000_000
    """Bytes of cached records per worker; 0: no cache."""
    public_url: Annotated[str, AfterValidator(check_public_url)] = ""
    """The server's public address; empty if unknown."""
    hosts: Names = ()
    """Host names it answers to; empty: any."""
    origins: Texts = ()
    """Origins whose pages may write here."""
    proxies: Networks = ()
    """Networks of proxies that are believed."""
    limit_requests: NotNegative = 6_000
    limit_writes: NotNegative = 600
    limit_failures: NotNegative = 60
    limit_sign_ins: NotNegative = 20
    """Sign-in attempts per minute from a single address; 0: no limit."""
    oidc_issuer: str = "https://accounts.google.com"
    """The OpenID Connect provider that people sign in with."""
    oidc_client_id: str = ""
    """The client id at the provider; empty: no sign-in."""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_client_secret_file: Path | None = None
    """File with the client secret."""
    oidc_roles: str = ""
    """Roles by e-mail address or domain."""
    oidc_claim: str = ""
    """The claim that rules `claim:VALUE=role` are about."""
    oidc_trust_email: Literal["yes", "no"] = "no"
    """Trust in unverified e-mail addresses of the provider."""
    session_hours: Annotated[Whole, Interval(ge=1, le=8_760)] = 24
    """Hours that users stay signed in."""
    reads: Literal["open", "key"] = "open"
    """Access to reading: everyone (open) or with a key (key)."""
    metrics: Literal["open", "local", "key"] = "local"
    """Access to metrics: everyone (open), this machine (local) or with a key (key)."""
    secret: str = field(default="", repr=False)
    """The server's secret; empty: read from a file."""
    secret_file: Path | None = None
    """File with the secret; None: in the data directory, created on first use."""
    admin_key: str = field(default="", repr=False)
    """The first admin key; empty: none."""
    admin_key_file: Path | None = None
    """File with the first admin key."""
    restcountries_strict: Annotated[Whole, Interval(ge=0, le=1)] = 0
    """1: REST Countries' `/all` wants 1 to 10 fields, as it did in its last year."""
    restcountries_max_age: Seconds = 60
    """Seconds for which caches may give an answer under REST Countries' addresses again without asking."""
    restcountries_host: Names = ()
    """Host names that only serve the REST Countries addresses."""
    restcountries_flag_png: str = "{origin}/flags/{code}.png"
    restcountries_flag_svg: str = "{origin}/flags/{code}.svg"
    """Address of flags in REST Countries answers: `{code}` is the alpha-2 code, `{CODE}` in
    capitals, `{origin}` this server."""
    queue: Annotated[str, AfterValidator(name_postgresql)] = ""
    """Address of the queue that wakes workers; empty: beside the register."""
    job_threads: Annotated[Whole, Interval(ge=0, le=256)] = 2
    """Concurrent jobs per worker; 0: the server starts no worker."""
    job_days: Annotated[Whole, Interval(ge=1, le=36_500)] = 30
    """Days for which ended jobs are kept."""
    files: str = ""
    """Directory of imports and exports; empty: in the data directory."""
    max_import: Positive = 200_000_000
    """Bytes of a file to be imported, as it is sent and as it is unpacked."""
    webhook_networks: Networks = ()
    """Networks that webhooks may lead to beside public addresses."""
    snapshot: Literal["", "daily"] = ""
    """`daily`: a worker copies the register into a dated file once a day; empty: it does not."""
    snapshot_keep: Positive = 7
    """Snapshots that are kept."""
    log: Literal["changes", "all", "none"] = "changes"
    """Logged requests: changes (and errors), all or none."""

    @property
    def url(self) -> str:
        """The database's URL. The starter register has its own file, whatever DATABASE_URL is."""
        if self.database_url and self.dataset != STARTER:
            return self.database_url
        name = "starter" if self.dataset == STARTER else "register"
        return f"sqlite:///{self.data.resolve() / name}.sqlite"

    @property
    def files_path(self) -> Path:
        """Directory of imports and exports. Workers on other machines need the same directory."""
        return Path(self.files) if self.files else self.data / "files"

    @property
    def imports_path(self) -> Path:
        """Where each import has a folder, named by its dry run's job."""
        return self.files_path / "imports"

    @property
    def socket_path(self) -> Path | None:
        """The Unix socket to listen on; None for an address and a port."""
        return Path(self.host.removeprefix(UNIX)) if self.host.startswith(UNIX) else None

    @property
    def exports_path(self) -> Path:
        """Where each export has a folder, named by its job."""
        return self.files_path / "exports"

    @property
    def holds_lease(self) -> bool:
        """Return True if cached answers may be given without asking PostgreSQL each time."""
        return self.hot_cache > 0 and self.hot_cache_check == "lease"

    @property
    def tallies(self) -> Path:
        """Directory of the shared counters of a server's processes."""
        return self.data / "tallies"

    @property
    def queue_url(self) -> str:
        """The queue's URL; by default a file beside the register's file, or tables beside its
        tables."""
        if self.queue:
            return self.queue
        base, dot, _ = self.url.partition("?")[0].rpartition(".sqlite")
        return f"{base}-queue.sqlite" if dot and self.url.startswith("sqlite") else self.url


class Given(NamedTuple):
    """The value of a setting as it was written, by which name and where."""

    value: Any
    name: str
    source: str


def name_variable(field_name: str) -> str:
    """The environment variable of a setting."""
    return "DATABASE_URL" if field_name == "database_url" else PREFIX + field_name.upper()


@cache
def list_fields() -> dict[str, Any]:
    """The settings by name, with their types."""
    return get_type_hints(Settings, include_extras=True)


def read_settings(environ: Mapping[str, str] = os.environ, **options: Any) -> Settings:
    """Return the settings that hold. ConfigurationError with every fault, if there are any."""
    return check_settings(find_given(environ, options))


def find_given(environ: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Given]:
    """The settings that something gives a value, each from the source that stands highest."""
    faults: list[str] = []
    given = {
        "data": Given(Path(user_data_dir("terrafirma", appauthor=False)), "data", "default"),
        **read_file(environ, faults),
        **read_environment(environ, faults),
        **{
            name: Given(value, f"--{name}", "option")
            for name, value in options.items()
            if value is not None
        },
    }
    if faults:
        raise ConfigurationError(" ".join(faults))
    return given


def read_environment(environ: Mapping[str, str], faults: list[str]) -> dict[str, Given]:
    """The settings of the environment; names with the prefix that are none become faults."""
    variables = {name_variable(field_name): field_name for field_name in list_fields()}
    ours = (name for name in sorted(environ) if name.startswith(PREFIX))
    unknown = (name for name in ours if name not in variables and name not in NOT_SETTINGS)
    faults += [describe_unknown(name, name, list(variables)) for name in unknown]
    return {
        field_name: Given(environ[name], name, "environment")
        for name, field_name in variables.items()
        if environ.get(name)
    }


def read_file(environ: Mapping[str, str], faults: list[str]) -> dict[str, Given]:
    """The settings of the settings file; names in it that are none become faults."""
    named = environ.get(CONFIG_FILE)
    path = Path(named or DEFAULT_FILE)
    if not named and not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The settings file {path} is not TOML: {error}.") from None
    except OSError as error:
        raise ConfigurationError(
            f"The settings file {path} cannot be read: {error.strerror}."
        ) from None
    known = list(list_fields())
    faults += [
        describe_unknown(f"{name} in {path}", name, known) for name in values if name not in known
    ]
    return {name: Given(value, name, str(path)) for name, value in values.items() if name in known}


def describe_unknown(subject: str, name: str, known: list[str]) -> str:
    """The sentence for a name that is no setting."""
    # Without what all of them begin with, which would make any two alike.
    bare = {each.removeprefix(PREFIX): each for each in known}
    near = get_close_matches(name.removeprefix(PREFIX), bare, n=1)
    return f"{subject} is not a setting" + (f"; did you mean {bare[near[0]]}?" if near else ".")


def check_settings(given: Mapping[str, Given]) -> Settings:
    """Settings of values from anywhere. ConfigurationError with every fault, if there are any."""
    try:
        return Settings(**{name: each.value for name, each in given.items()})
    except ValidationError as error:
        raise ConfigurationError(" ".join(describe_faults(error, given))) from None


def describe_faults(error: ValidationError, given: Mapping[str, Given]) -> Iterator[str]:
    """A sentence for each setting that is wrong."""
    described = set()
    for fault in error.errors():
        field_name = str(fault["loc"][0])
        if field_name not in described:
            described.add(field_name)
            cause = str(fault.get("ctx", {}).get("error", ""))
            value = str(given[field_name].value)[:80]
            rule = cause or f"must be {describe_type(list_fields()[field_name])}, not {value!r}"
            yield f"{given[field_name].name} {rule}."


def describe_type(annotation: Any) -> str:
    """The values that a type allows, in words."""
    parts = get_args(annotation)
    if bounds := next((part for part in parts if isinstance(part, Interval)), None):
        least = ceil(cast(float, bounds.ge))
        return f"a whole number from {least} to {bounds.le}"
    if all(isinstance(part, str) for part in parts) and parts:
        *others, last = (part or "empty" for part in parts)
        return f"{', '.join(others)} or {last}"
    return "a path" if annotation is not str and Path in (annotation, *parts) else "a text"
