"""The vault's tables, as its migrations leave them. Instants are ISO text in UTC, as the register's are."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

from terrafirma.storage.engine.tables import bytewise

metadata = MetaData()

credentials = Table(
    "credentials",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("prefix", bytewise, nullable=False),
    Column("digest", bytewise, nullable=False, unique=True),
    Column("role", bytewise, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("countries", Text, nullable=False),
    Column("note", Text),
    Column("created", bytewise, nullable=False),
    Column("created_by", bytewise, nullable=False),
    Column("expires", bytewise),
    Column("revoked", bytewise),
    Column("used", bytewise),
    Column("old_digest", bytewise, unique=True),
    Column("old_until", bytewise),
    Column("requests", Integer),
    Column("writes", Integer),
)

counters = Table(
    "counters",
    metadata,
    Column("name", bytewise, primary_key=True),
    Column("ends", BigInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", bytewise, nullable=False),
    Column("actor", bytewise, nullable=False),
    Column("event", bytewise, nullable=False),
    Column("about", bytewise, nullable=False),
    Column("details", Text, nullable=False),
    Column("personal", Text),
    Column("personal_hash", bytewise, nullable=False),
    Column("previous", bytewise, nullable=False),
    Column("hash", bytewise, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("lock", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("at", bytewise, nullable=False),
    Column("hash", bytewise, nullable=False),
)

seal = Table(
    "seal",
    metadata,
    Column("lock", Integer, primary_key=True, autoincrement=False),
    Column("mark", bytewise, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("issuer", bytewise, nullable=False),
    Column("subject", bytewise, nullable=False),
    Column("email", Text),
    Column("name", Text),
    Column("created", bytewise, nullable=False),
    Column("seen", bytewise, nullable=False),
    Column("blocked", bytewise),
    Column("claims", Text),
    UniqueConstraint("issuer", "subject"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("person", BigInteger, nullable=False, index=True),
    Column("digest", bytewise, nullable=False, unique=True),
    Column("old_digest", bytewise, unique=True),
    Column("rotated", bytewise, nullable=False),
    Column("expires", bytewise, nullable=False),
)

logins = Table(
    "logins",
    metadata,
    Column("state", bytewise, primary_key=True),
    Column("nonce", bytewise, nullable=False),
    Column("verifier", bytewise, nullable=False),
    Column("expires", bytewise, nullable=False),
    Column("place", Text, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("description", Text),
    Column("filters", Text, nullable=False),
    Column("salt", bytewise, nullable=False),
    Column("old_salt", bytewise),
    Column("old_until", bytewise),
    Column("created", bytewise, nullable=False),
    Column("created_by", bytewise, nullable=False),
    Column("deleted", bytewise),
    Column("paused", bytewise),
    Column("reason", Text),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("mark", bytewise, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", bytewise),
    Column("lease", bytewise),
    Column("lease_until", bytewise),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("webhook", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("message", bytewise, nullable=False),
    Column("type", bytewise, nullable=False),
    Column("entry", BigInteger),
    Column("data", Text),
    Column("asked", Integer, nullable=False),
    Column("state", bytewise, nullable=False),
    Column("at", bytewise, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", bytewise),
    Column("status", Integer),
    Column("error", Text),
    Column("answer", Text),
    Column("ms", Integer),
    Index("deliveries_by_state", "webhook", "state", "number"),
)
