"""Names of records in other languages. Each record has a companion of its kind's `translations`
with the same id.

Its document is `{"id", "names": {locale: name}}`; a locale omits names that it inherits.
"""

from collections.abc import Mapping, Sequence

from terrafirma.register.log.history import Draft, append, stored_document
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import Kind
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import find_last_entry
from terrafirma.storage.register.translations import exists, list_names


def find_names(
    connection: Connection, kind: Kind, id: int, moment: Moment
) -> tuple[str, dict[str, str]]:
    """The mark of their entry and the names of a record, by locale; empty where there is no record of them."""
    version = records.find_version(connection, kind.translations, id, moment.on, moment.as_of)
    if version is None:
        return "", {}
    names: dict[str, str] = decode(version.document)["names"]
    return version.mark, names


def change_names(
    connection: Connection, kind: Kind, actor: str, id: int, names: Mapping[str, str | None]
) -> None:
    """Write names of a record into the log, by locale; None takes a name away, others stay as they are."""
    version = next(iter(records.list_current(connection, kind.translations, [id])), None)
    before = stored_document(connection, version.entry) if version else None
    held: dict[str, str] = (before or {}).get("names", {})
    merged = {locale: text for locale, text in {**held, **names}.items() if text is not None}
    if merged != held:
        after = (before or {"id": id}) | {"names": dict(sorted(merged.items()))}
        append(connection, actor, [Draft("patch", kind.translations, id, before, after)])


def removal(connection: Connection, kind: Kind, id: int) -> list[Draft]:
    """The changes that take a record's names out with it."""
    found = records.list_current(connection, kind.translations, [id]) if kind.translations else []
    return [
        Draft("delete", kind.translations, id, stored_document(connection, version.entry), None)
        for version in found
    ]


def restoration(connection: Connection, kind: Kind, id: int) -> list[Draft]:
    """The changes that bring a record's names back if they went out with it."""
    last = find_last_entry(connection, kind.translations, id) if kind.translations else None
    if last is None or last.after is not None or last.before is None:
        return []
    return [Draft("revert", kind.translations, id, None, decode(last.before))]


def list_translated(
    connection: Connection, kind: Kind, ids: Sequence[int], locales: Sequence[str], moment: Moment
) -> dict[int, str]:
    """The names of records in the first of these locales with a name, by id; others are left out."""
    return list_names(connection, kind.translations, ids, locales, moment.on, moment.as_of)


def is_localised(connection: Connection, kind: Kind, moment: Moment) -> bool:
    """Return True if the register has names of a kind in other languages at all."""
    return exists(connection, kind.translations, moment.as_of)
