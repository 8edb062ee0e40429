"""Bad input of every kind: a 4xx in JSON that names what was wrong, and nothing stored."""

import base64
import json
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terrafirma.config import Settings
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.storage.register.entries import read_head

DEEP = 100

RAW_BODIES = {
    "empty": b"",
    "spaces": b"  \n ",
    "cut off": b'{"name": "X"',
    "two values": b'{"name": "X"} {}',
    "comma at the end": b'{"name": "X",}',
    "single quotes": b"{'name': 'X'}",
    "comment": b'{"name": "X" /* y */}',
    "NaN": b'{"name": "X", "area": NaN}',
    "Infinity": b'{"name": "X", "area": Infinity}',
    "-Infinity": b'{"name": "X", "extra": {"a": -Infinity}}',
    "1e999": b'{"name": "X", "area": 1e999}',
    "-1e999": b'{"name": "X", "extra": {"a": [-1e999]}}',
    "2^53+1": b'{"name": "X", "extra": {"a": 9007199254740993}}',
    "-2^53-1": b'{"name": "X", "extra": {"a": -9007199254740993}}',
    "a number of 5000 digits": b'{"name": "X", "area": ' + b"9" * 5000 + b"}",
    "a number with a leading zero": b'{"name": "X", "area": 01}',
    "a number with a plus": b'{"name": "X", "area": +1}',
    "hexadecimal": b'{"name": "X", "area": 0x1}',
    "nested in lists": b'{"name": "X", "extra": {"a": ' + b"[" * DEEP + b"]" * DEEP + b"}}",
    "nested in objects": b'{"name": "X", "extra": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "nested without end": b"[" * 400_000,
    "nested without end in objects": b'{"a":' * 150_000,
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "X"}'.encode("utf-16"),
    "Latin-1": '{"name": "Åland 2"}'.encode("latin-1"),
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "the other half": b'{"name": "X", "extra": {"a": ["\\udc00\\ud800"]}}',
    "half a pair in a key": b'{"name": "X", "extra": {"\\ud800": 1}}',
    "half a pair in a key twice": b'{"\\ud800": 1, "\\ud800": 2}',
    "NUL": b'{"name": "X\\u0000"}',
    "NUL in a key": b'{"name": "X", "extra": {"\\u0000": 1}}',
    "NUL unescaped": b'{"name": "X\x00"}',
    "a key twice": b'{"name": "X", "name": "Y"}',
    "a key twice below": b'{"name": "X", "extra": {"a": {"b": 1, "b": 1}}}',
    "a long key twice": b'{"' + b"k" * 9999 + b'": 1, "' + b"k" * 9999 + b'": 2}',
    "byte order mark": b'\xef\xbb\xbf{"name": "X"}',
    "control character": b'{"name": "a\nb"}',
    "too large": b'{"name": "X", "extra": {"a": "' + b"x" * 1_000_000 + b'"}}',
    "form": b"name=X",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}
VALUES = [
    None,
    [],
    {},
    "",
    " ",
    "\t",
    0,
    -1,
    1.5,
    True,
    "x",
    "é" * 501,
    [None],
    [[]],
    [{}],
    {"": None},
    [1, "a"],
    "\x7f",
]
TOP_LEVEL = [
    None,
    [],
    "",
    0,
    -0.0,
    "X",
    True,
    1.5,
    [[]],
    [None],
    [1],
    {},
    {"name": None},
    {"name": []},
]
ODD_KEYS = [
    "../name",
    "../../etc/passwd",
    "__proto__",
    "constructor",
    "",
    " name",
    "name ",
    "NAME",
    "n\u0430me",
    "🏳️",
    "a.b",
]

WRITES = [
    ("POST", "/countries"),
    ("PUT", "/countries/TH"),
    ("PUT", "/countries/QQ"),
    ("PATCH", "/countries/TH"),
]


def count(client):
    """How many entries the log has; asked for thousands of times, an answer would take longer than the rest."""
    with client.application.extensions[EXTENSION].database.reading() as connection:
        return read_head(connection).number


def assert_told(answer):
    """A refusal for people and programs: JSON, a sentence and, where fields are at fault, their paths and rules."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.data[:300])
    assert answer.content_type == "application/json"
    told = json.loads(answer.data)
    assert told.keys() <= {"error", "details"}
    assert len(told["error"]) > 10
    assert "<" not in told["error"] or "html" not in answer.text.lower()
    assert all(each["field"] is not None and each["message"] for each in told.get("details", []))
    assert (
        answer.status_code != 422
        or "details" in told
        or " object" in told["error"]
        or "array" in told["error"]
    ), told
    return told


@pytest.mark.parametrize("case", RAW_BODIES)
def test_broken_bodies(shared_client, case):
    before = count(shared_client)
    for method, path in WRITES:
        answer = shared_client.open(
            path, method=method, data=RAW_BODIES[case], content_type="application/json"
        )
        told = assert_told(answer)
        assert answer.status_code in (400, 413, 422)
        assert len(told["error"]) < 500
    assert count(shared_client) == before
    assert shared_client.get("/countries/QQ").status_code == 404


@pytest.mark.parametrize("body", TOP_LEVEL, ids=repr)
def test_values_that_are_no_country(shared_client, body):
    before = count(shared_client)
    for method, path in WRITES:
        if method == "PATCH" and body == {}:
            continue
        answer = shared_client.open(
            path, method=method, data=json.dumps(body), content_type="application/json"
        )
        assert_told(answer)
        assert answer.status_code == 422
    assert count(shared_client) == before


@pytest.mark.parametrize("field", [*COUNTRY.fields, "dated"])
def test_wrong_values_of_every_field(sqlite_client, field):
    """Each is refused by its name; or it is a value the field may have, and is kept as it was sent."""
    server_made = field in ("id", "flag")
    for value in VALUES:
        for method, path in (("POST", "/countries"), ("PATCH", "/countries/2")):
            before = count(sqlite_client)
            body = {"name": f"N{before}"} | {field: value}
            answer = sqlite_client.open(
                path, method=method, json=body if method == "POST" else {field: value}
            )
            if answer.status_code < 400:
                says_nothing = value in (None, [], {}, {"": None}) or server_made
                assert says_nothing or answer.json[field] == value
            else:
                told = assert_told(answer)
                assert any(each["field"].split(".")[0] == field for each in told["details"]), (
                    value,
                    told,
                )
                assert count(sqlite_client) == before


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys(shared_client, key):
    before = count(shared_client)
    for method, path in WRITES:
        told = assert_told(shared_client.open(path, method=method, json={"name": "X", key: 1}))
        assert [each["field"] for each in told["details"]] == [key]
    assert count(shared_client) == before


def test_many_faults_are_told_quickly_and_shortly(sqlite_client):
    body = {f"unknown{number}": 0 for number in range(40_000)}
    answer = sqlite_client.post("/countries", json=body)
    assert_told(answer)
    assert len(answer.data) < 100_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("path", ["/countries/TH", "/countries/BG"])
def test_many_periods_cost_little(sqlite_client, path):
    dated = {
        f"extra.f{number}": [{"value": 1, "from": str(1000 + number)}] for number in range(5000)
    }
    assert_told(sqlite_client.patch(path, json={"dated": dated}))


QUERIES = [
    "limit=0",
    "limit=-1",
    "limit=1001",
    "limit=01",
    "limit=1e2",
    "limit=",
    "limit=٣",
    "limit=" + "9" * 5000,
    "limit=1&limit=2",
    "limit=1;after=2",
    "on=",
    "on=today",
    "on=2025-13",
    "on=2025-02-30",
    "on=0000",
    "on=2025-1-1",
    "on=٢٠٢٥",
    "on=2025-01-01T00:00:00Z",
    "on=2025&on=2026",
    "on=2025%00",
    "on=2025%0a",
    "on=" + "2" * 5000,
    "as_of=",
    "as_of=-1",
    "as_of=999999999999999999",
    "as_of=" + "9" * 50,
    "as_of=٣",
    "as_of=1.0",
    "as_of=yesterday",
    "as_of=2025-02-30",
    "as_of=2025-01-01T00:00:00",
    "as_of=2025-01-01%2000:00:00",
    "as_of=0001-01-01T00:00:00%2B14:00",
    "as_of=9999-12-31T23:59:59-14:00",
    "as_of=2999-01-01",
    "on=9999-12-31",
    "as_of=2025-01-01T25:00:00Z",
    "as_of=1&as_of=2",
    "fields=",
    "fields=,",
    "fields=name,",
    "fields=nme",
    "fields=Name",
    "fields=name.x",
    "fields=name.",
    "fields=.name",
    "fields=currencies.code.x",
    "fields=currencies..code",
    "fields=dated",
    "fields=extra.",
    "fields=../x",
    "fields=name%00",
    "fields=" + "a." * 3000,
    "unknown=1",
    "=1",
    "%00=1",
    "%ff%fe=%ff",
    "on%00=2025",
    "On=2025",
    "x" * 8100,
]
LIST_QUERIES = [
    "after=",
    "after=x",
    "after=1",
    "after=%00",
    "after=é",
    "after=====",
    "after=WzFd.",
    "after=bnVsbA",
    "after=W10",
    "after=e30",
    "after=WyIxIl0",
    "after=WzEuNV0",
    "after=Wy0xXQ",
    "after=W3RydWVd",
    "after=WzEsMl0",
    "after=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTldCg",
    "after=" + "W" * 7000,
    "after=W1tdXQ",
    "after=W251bGxd",
    "include=dated",
    "effective=2025",
]
ITEM_QUERIES = [
    "include=",
    "include=all",
    "include=dated,dated",
    "include=dated&include=dated",
    "limit=1",
    "after=x",
    "sort=x",
]


@pytest.mark.parametrize("query", QUERIES + LIST_QUERIES)
def test_bad_queries_of_the_list(shared_client, query):
    assert_told(shared_client.get("/countries?" + query))


@pytest.mark.parametrize(
    "query", [one for one in QUERIES if not one.startswith("limit")] + ITEM_QUERIES
)
def test_bad_queries_of_one_country(shared_client, query):
    assert_told(shared_client.get("/countries/TH?" + query))


@pytest.mark.parametrize(
    "query", ["since=-1", "since=x", "since=1.0", "since=" + "9" * 19, "since=", "since=1&since=1"]
)
@pytest.mark.parametrize("path", ["/entries", "/countries/TH/entries"])
def test_bad_queries_of_the_log(shared_client, path, query):
    assert_told(shared_client.get(f"{path}?{query}"))
    assert_told(shared_client.get(f"{path}?limit=0"))
    assert_told(shared_client.get(f"{path}?after=WzFd"))


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/country"])
def test_addresses_without_parameters_refuse_them(shared_client, path):
    assert_told(shared_client.get(f"{path}?x=1"))


@pytest.mark.parametrize(
    "query",
    ["effective=", "effective=x", "effective=2025-02-30", "effective=1&effective=2", "on=2025"],
)
def test_bad_queries_of_writes(shared_client, query):
    before = count(shared_client)
    for method, path in WRITES[1:]:
        assert_told(shared_client.open(f"{path}?{query}", method=method, json={"name": "X"}))
    assert_told(shared_client.post(f"/countries?{query}", json={"name": "X"}))
    assert_told(shared_client.delete(f"/countries/TH?{query}"))
    assert count(shared_client) == before


@pytest.mark.parametrize(
    "key",
    [
        "%00",
        "%ff",
        "%2e%2e",
        "%2f",
        "%252e",
        "TH%00",
        "%0d%0aX:y",
        quote("🏳️"),
        "a" * 5000,
        "%",
        "%zz",
        "..;",
        "TH/x",
    ],
)
def test_junk_in_the_path(shared_client, key):
    before = count(shared_client)
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert_told(shared_client.open(f"/countries/{key}", method=method, json={"name": "X"}))
    assert_told(shared_client.get(f"/countries/{key}/entries"))
    assert count(shared_client) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Request-Id", "x" * 100_000),
        ("X-Request-Id", "a\x7f\x80b"),
        ("X-Request-Id", "12345678<script>"),
        ("If-None-Match", '"'),
        ("If-None-Match", "W/"),
        ("If-None-Match", '""'),
        ("If-None-Match", '"", "x"'),
        ("If-None-Match", "é" * 999),
        ("If-Modified-Since", "yesterday"),
        ("Accept", "a/b/c;;q=9"),
        ("Accept-Language", "\x80"),
        ("Accept-Encoding", "junk;q=x"),
        ("Range", "bytes=junk"),
        ("Range", "bytes=0-1"),
        ("Cookie", "a=b; =; \x80"),
        ("Content-Length", "junk"),
        ("Content-Length", "-1"),
        ("Host", 'junk"><'),
        ("Host", ""),
        ("Host", "a" * 5000),
        ("Expect", "junk"),
    ],
)
def test_junk_in_headers_does_not_stop_a_read(shared_client, name, value):
    for _ in range(2):
        answer = shared_client.get("/countries/TH", headers={name: value})
        assert (answer.status_code, answer.json["name"]) == (200, "Thailand")
        assert len(answer.headers["X-Request-Id"]) <= 64


@pytest.mark.parametrize("host", ["[::1", "[", "]", "a:b:c", "\x80", "host:junk", "host:99999999"])
def test_junk_in_the_host_is_read_or_refused(shared_client, host):
    answer = shared_client.get("/countries/TH", headers={"Host": host})
    assert answer.status_code in (200, 400)
    assert answer.json
    assert shared_client.patch(
        "/countries/TH", json={"area": 1}, headers={"Host": host}
    ).status_code in (400, 401)


def test_a_content_length_that_is_no_number_is_no_fault_of_ours(shared_client):
    for length in ("junk", "-1", "", "1e3"):
        answer = shared_client.post(
            "/countries",
            data=b'{"nme":"X"}',
            headers={"Content-Type": "application/json", "Content-Length": length},
        )
        assert answer.status_code in (400, 422)
        assert answer.content_type == "application/json"


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    """A client of one register for a whole fuzz run."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("fuzz"), log="none"))
    yield app.test_client()
    app.extensions[EXTENSION].database.close()


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["TH", "THA", "764", "Thailand", "2020-01-01", "+66", ".th", "left"])
)
NAMES = st.sampled_from(
    [*COUNTRY.fields, "dated", "value", "code", "from", "extra.x", "roles", "official", "language"]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=300)
@example(body={"name": "X", "dated": {"area": []}}, write=WRITES[0], query="")
@example(body={"dated": 5}, write=WRITES[0], query="")
@given(
    body=JSON | st.dictionaries(NAMES, JSON, max_size=6).map(lambda body: {"name": "X"} | body),
    write=st.sampled_from(WRITES),
    query=st.sampled_from(["", "?effective=2020-01-01", "?effective=2030"]),
)
def test_any_json_is_stored_or_refused(fuzzed, body, write, query):
    method, path = write
    query = query if method != "POST" else ""
    before = count(fuzzed)
    answer = fuzzed.open(
        path + query, method=method, data=json.dumps(body), content_type="application/json"
    )
    if answer.status_code in (200, 201):
        kept = fuzzed.get(f"/countries/{answer.json['id']}?include=dated")
        assert kept.status_code == 200
        assert fuzzed.put(f"/countries/{answer.json['id']}", json=kept.json).status_code == 200
        assert count(fuzzed) <= before + 1
    else:
        assert_told(answer)
        assert count(fuzzed) == before


@settings(max_examples=200)
@given(body=st.binary(max_size=60))
def test_any_bytes_are_refused(fuzzed, body):
    before = count(fuzzed)
    assert_told(fuzzed.post("/countries", data=body, content_type="application/json"))
    assert count(fuzzed) == before


@settings(max_examples=200)
@given(
    name=st.sampled_from(["on", "as_of", "limit", "after", "fields", "include", "x"])
    | st.text(max_size=5),
    value=st.text(max_size=20) | st.from_regex(r"\A[0-9TZ:+.-]{1,24}\Z"),
)
def test_any_parameter_is_read_or_refused(fuzzed, name, value):
    query = f"{quote(name.encode('utf-8', 'replace'))}={quote(value.encode('utf-8', 'replace'))}"
    for path in ("/countries", "/countries/TH", "/entries"):
        answer = fuzzed.get(f"{path}?{query}")
        assert answer.status_code == 200 or assert_told(answer)


def test_a_key_repeated_behind_many_others_is_found_at_once(shared_client):
    body = "{" + "".join(f'"{number}":1,' for number in range(80_000)) + '"x":1,"x":1}'
    begun = time.perf_counter()
    answer = shared_client.post("/countries", data=body, content_type="application/json")
    assert (answer.status_code, '"x"' in answer.json["error"]) == (400, True)
    assert time.perf_counter() - begun < 60


@pytest.mark.parametrize("form", ["json", "csv", "ndjson", "geojson"])
def test_fields_may_go_deeper_than_any_record(shared_client, form):
    path = "extra" + ".a" * 3000
    assert shared_client.get(f"/countries/TH?format={form}&fields={path}").status_code == 200


def test_a_forged_cursor_with_a_nul_is_refused(shared_client):
    link = shared_client.get("/countries?sort=name&limit=1").headers["Link"]
    cursor = re.search(r"after=([^&>]*)", link)[1]
    mark, _, id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps([mark, ["s\0"], id]).encode()).decode().rstrip("=")
    assert_told(shared_client.get(f"/countries?sort=name&after={forged}"))


def test_long_names_and_values_of_any_script_are_kept(client):
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 500)))
    rare = "".join(map(chr, range(0x20000, 0x20000 + 500)))
    extra = {letters[:450]: rare, rare[:120]: rare}
    answer = client.post(
        "/countries", json={"name": rare, "official_name": letters, "extra": extra}
    )
    assert (answer.status_code, answer.json.get("extra")) == (201, extra)


def test_a_large_record_cannot_be_kept_a_thousand_times(shared_client):
    periods = [
        {"value": number, "from": str(1000 + number), "to": str(1001 + number)}
        for number in range(900)
    ]
    text = "x" * 100_000
    for body in (
        {"extra": {"text": text}, "dated": {"area": periods}},
        {"dated": {"area": periods, "extra.text": [{"value": text}]}},
    ):
        told = assert_told(shared_client.post("/countries", json={"name": "X"} | body))
        assert told["details"][0]["field"] == "dated"


def test_a_choice_is_checked_where_the_answer_does_not_need_it(shared_client):
    for path in (
        "/countries?shape=round",
        "/countries/TH?shape=null",
        "/countries?count=some&limit=1000",
    ):
        answer = shared_client.get(path)
        assert (
            answer.status_code,
            answer.json["error"].partition(" must be ")[0] in ("shape", "count"),
        ) == (400, True)


@pytest.mark.parametrize(
    "given", ["yesterday", "2025-02-30", "2025-01-01 00:00", "9998-01-01t00:00:00z"]
)
def test_a_moment_is_told_as_it_was_given(sqlite_client, given):
    assert given in sqlite_client.get("/countries", query_string={"as_of": given}).json["error"]
