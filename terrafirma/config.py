"""Every setting, read once from the environment; docs/settings.md lists them and a test compares."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from terrafirma.errors import ConfigurationError

Network = IPv4Network | IPv6Network

STARTER = "starter"
WORLD = "world"
PREFIX = "TERRAFIRMA_"
MOST = 2**31 - 1
BOUNDS = {
    "TERRAFIRMA_PORT": (1, 65_535),
    "TERRAFIRMA_WORKERS": (1, 256),
    "TERRAFIRMA_THREADS": (1, 256),
    "TERRAFIRMA_MAX_DEPTH": (1, 200),
    "TERRAFIRMA_MAX_PAGE": (1, 100_000),
    "TERRAFIRMA_MAX_SECONDS": (1, 86_400),
    "TERRAFIRMA_MAX_STREAMS": (1, 1_000),
    "TERRAFIRMA_LIMIT_REQUESTS": (0, MOST),
    "TERRAFIRMA_LIMIT_WRITES": (0, MOST),
    "TERRAFIRMA_LIMIT_FAILURES": (0, MOST),
    "TERRAFIRMA_LIMIT_SIGN_INS": (0, MOST),
    "TERRAFIRMA_SESSION_HOURS": (1, 8_760),
    "TERRAFIRMA_MAX_AGE": (0, 31_536_000),
    "TERRAFIRMA_RESTCOUNTRIES_STRICT": (0, 1),
    "TERRAFIRMA_RESTCOUNTRIES_MAX_AGE": (0, 31_536_000),
    "TERRAFIRMA_HOT_CACHE": (0, 2**63 - 1),
    "TERRAFIRMA_JOB_THREADS": (0, 256),
    "TERRAFIRMA_JOB_DAYS": (1, 36_500),
    "TERRAFIRMA_IDEMPOTENCY_HOURS": (1, 87_600),
}
"""The least and most of whole numbers from the environment, where not 1 and MOST."""


@dataclass(frozen=True)
class Settings:
    """Settings of one process."""

    data: Path
    """Directory of everything that is kept."""
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 1
    threads: int = 4
    database_url: str = ""
    """Empty: a SQLite file in the data directory."""
    dataset: str = WORLD
    """The dataset of a new register."""
    max_body: int = 1_000_000
    """Bytes of a request body."""
    max_depth: int = 32
    """Levels of nesting in a JSON body."""
    max_items: int = 1_000
    """Items of an array in a JSON body."""
    max_query: int = 8_000
    """Characters of a query string."""
    max_page: int = 1_000
    """Maximum and default number of rows per page."""
    max_seconds: int = 10
    """Seconds of database time per request, and of waiting for the write lock."""
    max_streams: int = 16
    """Event streams per process; each uses a thread."""
    max_age: int = 0
    """`max-age` of cacheable answers in seconds."""
    idempotency_hours: int = 24
    """Hours for which the answer to an Idempotency-Key is kept."""
    hot_cache: int = 64_000_000
    """Bytes of cached answers per worker; 0: no cache."""
    public_url: str = ""
    """The server's public address; empty if unknown."""
    hosts: str = ""
    """Host names it answers to, with commas between them; empty: any."""
    origins: str = ""
    """Origins whose pages may write here, separated by commas."""
    proxies: str = ""
    """Networks of proxies that are believed, with commas between them."""
    limit_requests: int = 6_000
    limit_writes: int = 600
    limit_failures: int = 60
    limit_sign_ins: int = 20
    """Sign-in attempts per minute from one address; 0: no limit."""
    oidc_issuer: str = "https://accounts.google.com"
    """The OpenID Connect provider that people sign in with."""
    oidc_client_id: str = ""
    """The client id at the provider; empty: no sign-in."""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_client_secret_file: Path | None = None
    """File with the client secret."""
    oidc_roles: str = ""
    """Roles by e-mail address or domain."""
    session_hours: int = 24
    """Hours that users stay signed in."""
    reads: str = "open"
    """Access to reading: everyone (open) or with a key (key)."""
    metrics: str = "local"
    """Access to metrics: everyone (open), this machine (local) or with a key (key)."""
    secret: str = field(default="", repr=False)
    """The server's secret; empty: read from a file."""
    secret_file: Path | None = None
    """File with the secret; None: in the data directory, created on first use."""
    restcountries_strict: int = 0
    """1: REST Countries' `/all` wants 1 to 10 fields, as it did in its last year."""
    restcountries_max_age: int = 60
    """Seconds for which caches may give an answer under REST Countries' addresses again without asking."""
    restcountries_host: str = ""
    """Host names, separated by commas, that only serve the REST Countries addresses."""
    restcountries_flag_png: str = "https://flagcdn.com/w320/{code}.png"
    restcountries_flag_svg: str = "https://flagcdn.com/{code}.svg"
    """Address of flags in REST Countries answers: `{code}` is the alpha-2 code, `{CODE}` in
    capitals."""
    queue: str = ""
    """Address of the queue that wakes workers; empty: beside the register."""
    job_threads: int = 2
    """Concurrent jobs per worker; 0: the server starts no worker."""
    job_days: int = 30
    """Days for which ended jobs are kept."""
    files: str = ""
    """Directory of imports and exports; empty: in the data directory."""
    max_import: int = 200_000_000
    """Bytes of a file to be imported, as it is sent and as it is unpacked."""
    webhook_networks: str = ""
    """Networks that webhooks may lead to beside public addresses, with commas between them."""
    snapshot: str = ""
    """`daily`: a worker copies the register into a dated file once a day; empty: it does not."""
    snapshot_keep: int = 7
    """Snapshots that are kept."""
    log: str = "changes"
    """Logged requests: changes (and errors), all or none."""

    @property
    def url(self) -> str:
        """The database's URL. The starter register has a file of its own, whatever DATABASE_URL says."""
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
    def exports_path(self) -> Path:
        """Where each export has a folder, named by its job."""
        return self.files_path / "exports"

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


def read_settings(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from the environment, overridden by given values. Raise ConfigurationError if a
    value is invalid."""
    values: dict[str, Any] = {"data": Path(user_data_dir("terrafirma", appauthor=False))}
    for setting in fields(Settings):
        name = "DATABASE_URL" if setting.name == "database_url" else PREFIX + setting.name.upper()
        if environ.get(name):
            values[setting.name] = convert(name, environ[name], setting.type)
    values |= {name: value for name, value in given.items() if value is not None}
    settings = Settings(**values)
    if settings.snapshot not in ("", "daily"):
        raise ConfigurationError(f"{PREFIX}SNAPSHOT must be daily, or empty.")
    if settings.log not in ("changes", "all", "none"):
        raise ConfigurationError(f"{PREFIX}LOG must be changes, all or none.")
    for name in ("proxies", "webhook_networks"):
        read_networks(name, getattr(settings, name))
    if settings.public_url and not re.fullmatch(r"https?://[^/?#\s@]+", settings.public_url):
        raise ConfigurationError(
            f"{PREFIX}PUBLIC_URL must be an address such as https://countries.example.org, without a path."
        )
    if settings.reads not in ("open", "key"):
        raise ConfigurationError(f"{PREFIX}READS must be open or key.")
    if settings.metrics not in ("open", "local", "key"):
        raise ConfigurationError(f"{PREFIX}METRICS must be open, local or key.")
    if settings.dataset not in (WORLD, STARTER):
        raise ConfigurationError(f"{PREFIX}DATASET must be {WORLD} or {STARTER}.")
    return settings


def split_list(text: str) -> tuple[str, ...]:
    """The parts of a setting that has commas between them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def read_networks(name: str, text: str) -> tuple[Network, ...]:
    """The networks that a setting names. Unusable where it names something else."""
    try:
        return tuple(ip_network(part) for part in split_list(text))
    except ValueError as error:
        raise ConfigurationError(
            f"{PREFIX}{name.upper()} must be addresses or networks such as 10.0.0.0/8: {error}."
        ) from None


def convert(name: str, text: str, kind: Any) -> Any:
    """Convert a setting's text to its type; integers must be whole."""
    if kind is not int:
        return text if kind is str else Path(text)
    least, most = BOUNDS.get(name, (1, MOST))
    if not re.fullmatch("[0-9]{1,18}", text) or not least <= int(text) <= most:
        raise ConfigurationError(
            f"{name} must be a whole number from {least} to {most}, not {text[:80]!r}."
        )
    return int(text)
