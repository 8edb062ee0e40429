"""The tables, as the migrations leave them.

Days are ISO text (`0001-01-01` and `9999-12-31` where there is no bound), instants ISO text in UTC with
microseconds, both compared byte by byte on either database. `entry_to` is LATEST while a row is current.
"""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table, Text

LATEST = 2**63 - 1
"""`entry_to` of a row that no entry has replaced."""

metadata = MetaData()

bytewise = String().with_variant(String(collation="C"), "postgresql")

entries = Table(
    "entries",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", bytewise, nullable=False, index=True),
    Column("actor", bytewise, nullable=False),
    Column("action", bytewise, nullable=False),
    Column("kind", bytewise, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("shape", Integer, nullable=False),
    Column("payload_hash", bytewise, nullable=False),
    Column("previous", bytewise, nullable=False),
    Column("hash", bytewise, nullable=False),
    Index("entries_of_record", "kind", "id", "number"),
)

head = Table(
    "head",
    metadata,
    Column("lock", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("at", bytewise, nullable=False),
    Column("hash", bytewise, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("kind", bytewise, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_from", bytewise, primary_key=True),
    Column("entry_to", BigInteger, nullable=False),
    Column("valid_to", bytewise, nullable=False),
    Column("document", Text, nullable=False),
)
CURRENT_VERSION = versions.c.entry_to == LATEST
Index(
    "versions_current",
    versions.c.kind,
    versions.c.id,
    versions.c.valid_from,
    versions.c.valid_to,
    versions.c.entry_from,
    versions.c.entry_to,
    sqlite_where=CURRENT_VERSION,
    postgresql_where=CURRENT_VERSION,
)

keys = Table(
    "keys",
    metadata,
    Column("kind", bytewise, primary_key=True),
    Column("field", bytewise, primary_key=True),
    Column("key", bytewise, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_from", bytewise, primary_key=True),
    Column("entry_to", BigInteger, nullable=False),
    Column("valid_to", bytewise, nullable=False),
    Index("keys_of_record", "kind", "id", "entry_to"),
)

terms = Table(
    "terms",
    metadata,
    Column("kind", bytewise, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_from", bytewise, primary_key=True),
    Column("field", bytewise, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("key", bytewise, nullable=False),
    Column("whole", Text),
    Index("terms_by_key", "kind", "field", "key"),
    sqlite_with_rowid=False,
)
LONG_TEXT = terms.c.whole.is_not(None)
Index("terms_long", terms.c.kind, terms.c.field, sqlite_where=LONG_TEXT, postgresql_where=LONG_TEXT)
"""Texts that are longer than a key may be, for the searches within texts."""

origins = Table(
    "origins",
    metadata,
    Column("kind", bytewise, primary_key=True),
    Column("dataset_key", bytewise, primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("dataset_version", bytewise, nullable=False),
    Column("document", Text, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", bytewise, primary_key=True),
    Column("key", bytewise, primary_key=True),
    Column("at", bytewise, nullable=False, index=True),
    Column("request_hash", bytewise, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
)

properties = Table(
    "properties",
    metadata,
    Column("name", bytewise, primary_key=True),
    Column("value", Text, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", bytewise, primary_key=True),
    Column("kind", bytewise, nullable=False),
    Column("key", bytewise),
    Column("actor", bytewise, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("state", bytewise, nullable=False),
    Column("announced", Integer, nullable=False),
    Column("cancelling", Integer, nullable=False),
    Column("at", bytewise, nullable=False),
    Column("run_at", bytewise, nullable=False),
    Column("started_at", bytewise),
    Column("ended_at", bytewise),
    Column("attempt", Integer, nullable=False),
    Column("worker", bytewise),
    Column("lease_until", bytewise),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("result", Text),
    Column("errors", Text, nullable=False),
    Index("jobs_by_state", "state", "run_at"),
    Index("jobs_by_key", "key", unique=True),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("kind", bytewise, primary_key=True),
    Column("outcome", bytewise, primary_key=True),
    Column("bound", bytewise, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", bytewise, primary_key=True),
    Column("host", bytewise, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("started_at", bytewise, nullable=False),
    Column("beat_at", bytewise, nullable=False),
)
