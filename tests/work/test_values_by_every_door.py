"""A value has one verdict, whichever way it comes in: by a body, a patch, a file or a backup."""

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terrafirma.register.log.history import Draft, append, entry_hash, payload_hash
from terrafirma.register.log.verification import verify
from terrafirma.register.model.strict_json import DOCUMENT
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.register import entries as log
from terrafirma.storage.register.entries import EntryRow, read_head
from tests.operations.processes import run_here
from tests.work.test_imports import Desk, as_workbook

DEPTH = DOCUMENT.depth
"""As many levels as a setting may allow, so that bodies have the limit of what is stored."""
BAD = [
    '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', "9007199254740993", "-9007199254740993", "1e16",
    "1e400", "-1e400", "9" * 400, "9" * 5000, '{"a": 1, "a": 1}', '{"a": {"b": 1, "b": 2}}',
    '{"\\u0000": 1}', '{"\\udfff": 1}', '{"\\ud800": 1, "\\ud800": 2}',
]  # fmt: skip
GOOD = [
    "null", "true", "0", "-0.0", "1e2", "1.10", "9007199254740992", "1e-400", '""', '" "', '"5"', '"="',
    '"\\ud83c\\uddf9"', '"\\u0007"', '"\\uffff"', '"\\ufeff"', '"\u202e"', "[]", "{}",
    '{"": ""}', '{"__proto__": {"$ref": "#"}}',
]  # fmt: skip


def nest(text: str, levels: int, *, as_object: bool) -> str:
    """Put a value so many levels deep."""
    before, after = ('{"a":', "}") if as_object else ("[", "]")
    return before * levels + text + after * levels


leaves = st.sampled_from(GOOD * 3 + BAD)
deep = st.builds(
    lambda text, levels, shape: nest(text, levels, as_object=shape),
    leaves,
    st.sampled_from([1, 2, 5, DEPTH - 5, DEPTH - 4, DEPTH - 3, DEPTH - 2, DEPTH, 300]),
    st.booleans(),
)
# Of arrays, since a merge patch reads null and objects in its own way.
values = st.lists(leaves | deep, min_size=1, max_size=3).map(lambda texts: f"[{','.join(texts)}]")


@pytest.fixture
def desk(open_app, sqlite_url):
    """A small register that takes as many levels as any."""
    return Desk(open_app(sqlite_url, dataset="starter", max_depth=DEPTH).test_client())


def read_all(desk: Desk, prefix: str) -> dict[int, Any]:
    """The values of the records with names of a door, by number."""
    answer = desk.client.get("/countries?fields=name,extra&limit=1000&sort=-id")
    named = {each["name"]: each.get("extra", {}).get("x") for each in answer.json}
    return {
        int(name.removeprefix(prefix)): value
        for name, value in named.items()
        if name.startswith(prefix)
    }


def send(desk: Desk, method: str, path: str, body: str, form: str = "application/json") -> int:
    """The status of a request, whose body may be no JSON that Python can write."""
    answer = desk.client.open(path, method=method, data=body, content_type=form)
    assert answer.status_code in (200, 201, 400, 413, 422), answer.get_data(as_text=True)
    assert answer.status_code < 300 or len(answer.json["error"]) > 10
    return int(answer.status_code)


def by_body(desk: Desk, texts: list[str]) -> dict[int, Any]:
    for number, text in enumerate(texts):
        send(desk, "POST", "/countries", f'{{"name":"body {number}","extra":{{"x":{text}}}}}')
    return read_all(desk, "body ")


def by_patch(
    desk: Desk, texts: list[str], form: str, write: Callable[[str], str]
) -> dict[int, Any]:
    """Make a record without the value, then add it."""
    name = form.partition("/")[2]
    for number, text in enumerate(texts):
        made = {"name": f"{name} {number}", "extra": {"y": 1}}
        path = desk.client.post("/countries", json=made).headers["Location"]
        if send(desk, "PATCH", path, write(text), form) >= 300:
            assert desk.client.get(path).json["extra"] == {"y": 1}
            desk.client.delete(path)
    return read_all(desk, f"{name} ")


def by_merge_patch(desk: Desk, texts: list[str]) -> dict[int, Any]:
    return by_patch(
        desk, texts, "application/merge-patch+json", lambda text: f'{{"extra":{{"x":{text}}}}}'
    )


def by_json_patch(desk: Desk, texts: list[str]) -> dict[int, Any]:
    return by_patch(
        desk,
        texts,
        "application/json-patch+json",
        lambda text: f'[{{"op":"add","path":"/extra/x","value":{text}}}]',
    )


def by_file(desk: Desk, name: str, data: str | bytes) -> dict[int, Any]:
    """Import a file; each refused row is told with its number and a sentence."""
    tried = desk.try_out(data, "?mode=upsert")
    assert tried["state"] == "done", tried["errors"]
    report = desk.client.get(tried["result"]["report"]).json
    done = desk.do(desk.client.post(f"/imports/{tried['id']}/commit?bad=skip"))
    assert done["state"] == "done", done["errors"]
    assert report["counts"]["refused"] == len({each["row"] for each in report["errors"]})
    assert all(each["message"] for each in report["errors"])
    return read_all(desk, f"{name} ")


def write_objects(name: str, texts: list[str]) -> list[str]:
    """The records of a file as JSON."""
    return [
        f'{{"name":"{name} {number}","extra":{{"x":{text}}}}}' for number, text in enumerate(texts)
    ]


def by_json(desk: Desk, texts: list[str]) -> dict[int, Any]:
    return by_file(desk, "json", f"[{','.join(write_objects('json', texts))}]")


def by_lines(desk: Desk, texts: list[str]) -> dict[int, Any]:
    return by_file(desk, "lines", "\n".join(write_objects("lines", texts)))


def by_table(desk: Desk, texts: list[str]) -> dict[int, Any]:
    cells = (text.replace('"', '""') for text in texts)
    rows = (f'table {number},"{cell}"\r\n' for number, cell in enumerate(cells))
    return by_file(desk, "table", "name,extra.x\r\n" + "".join(rows))


def by_workbook(desk: Desk, texts: list[str]) -> dict[int, Any]:
    rows = [[f"book {number}", text] for number, text in enumerate(texts)]
    return by_file(desk, "book", as_workbook([["name", "extra.x"], *rows]))


def by_backup(desk: Desk, texts: list[str]) -> dict[int, Any]:
    """Verify a log, whose entries are sound by their hashes, as `restore` does."""
    file = desk.place.settings.data / "forged.sqlite"
    file.unlink(missing_ok=True)
    with closing(open_database(f"sqlite:///{file}")) as database:
        schema.upgrade(database)
        forge(database, write_objects("backup", texts))
        with database.reading() as connection:
            faults = verify(connection)[1]
    refused = {int(fault.split()[1]) - 1 for fault in faults if "is not allowed" in fault}
    return {number: json.loads(text) for number, text in enumerate(texts) if number not in refused}


def forge(database: Database, documents: list[str]) -> None:
    """Write a log of documents that nothing has checked, with hashes that are right."""
    with database.writing() as connection:
        for number, document in enumerate(documents, 1):
            head = read_head(connection)
            append(connection, "test", [Draft("create", "country", number, None, {"name": "x"})])
            row = log.read_entry(connection, number)._replace(
                after=document, payload_hash=payload_hash(None, document), previous=head.hash
            )
            store(connection, row._replace(hash=entry_hash(row)))


def store(connection: Any, row: EntryRow) -> None:
    """Put an entry in the place of the last."""
    changed = {
        "after": row.after,
        "payload": row.payload_hash,
        "hash": row.hash,
        "number": row.number,
    }
    connection.exec_driver_sql(
        "UPDATE entries SET after = :after, payload_hash = :payload, hash = :hash WHERE number = :number",
        changed,
    )
    connection.exec_driver_sql("UPDATE head SET hash = :hash", {"hash": row.hash})


DOORS = [
    by_body, by_merge_patch, by_json_patch, by_json, by_lines, by_table, by_workbook, by_backup,
]  # fmt: skip


@pytest.mark.slow
# A single example of many values, since each file is read by a process of its own.
@settings(
    max_examples=1,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(values, min_size=24, max_size=24))
def test_a_value_has_one_verdict_by_every_door(desk, drawn):
    texts = [f"[{text}]" for text in BAD + GOOD] + drawn
    stored = by_body(desk, texts)
    for door in DOORS[1:]:
        assert door(desk, texts) == stored, door.__name__
    assert set(range(len(BAD), len(BAD + GOOD))) == stored.keys() & set(range(len(BAD + GOOD)))


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ('{"name":"a\\u0000b"}', "NUL"),
        ('{"name":"x","extra":{"y":1e400}}', "2^53"),
        ('{"name":"x","name":"x"}', "repeats"),
        (nest("1", 300, as_object=True), "nested more than 200"),
        ('{"name":"x\x01"}', "is not JSON"),
        ("[5]", "holds no record"),
        ('{"name":"x","dated":{"area":[1]}}', "holds no country that can be read"),
    ],
)
def test_a_backup_that_no_request_could_have_made_is_refused_by_its_entry(tmp_path, document, rule):
    file, target = tmp_path / "forged.sqlite", tmp_path / "data"
    with closing(open_database(f"sqlite:///{file}")) as database:
        schema.upgrade(database)
        forge(database, ['{"name":"fine"}', document])
    refused = run_here("restore", file, "--data", target)
    assert (refused.exit_code, len(refused.output.splitlines())) == (1, 1), refused.output
    assert refused.output.startswith(
        f"Error: {file} is not sound, so nothing was changed: entry 2 "
    )
    assert rule in refused.output
    assert not target.exists()


def test_what_grows_by_patches_can_still_be_sent_back(desk):
    """Each operation may be small; what they make together must fit a body."""
    path = desk.client.post("/countries", json={"name": "x", "extra": {"a": []}}).headers[
        "Location"
    ]
    add = [{"op": "add", "path": "/extra/a/-", "value": 1}] * 600
    form = "application/json-patch+json"
    assert send(desk, "PATCH", path, json.dumps(add), form) == 200
    assert send(desk, "PATCH", path, json.dumps(add), form) == 413
    held = desk.client.get(path).json
    assert send(desk, "PUT", path, json.dumps(held)) == 200
