"""Filters, text search, order, places and facets, against the same question asked of every record in Python."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from terrafirma.register.log.sort_keys import fold, leaves, number_sort_key, sort_key
from terrafirma.register.model.kinds import COUNTRY

PROBED = (
    "name", "alpha2", "region", "capital", "area", "population", "gini", "landlocked", "un_member", "latitude",
    "currencies.code", "languages.name", "borders", "timezones", "postal_code.regex", "capitals.roles", "extra.score",
)  # fmt: skip
TESTS = {
    "eq": lambda mine, asked: mine == asked,
    "gt": lambda mine, asked: mine > asked,
    "gte": lambda mine, asked: mine >= asked,
    "lt": lambda mine, asked: mine < asked,
    "lte": lambda mine, asked: mine <= asked,
}


def values_at(document, path):
    """Every plain value that a record has at a path."""
    return [value for name, value in leaves(document, "") if name == path]


def holds(document, path, operator, asked):
    """Whether a record matches a filter, by the documentation's words."""
    mine = values_at(document, path)
    if operator == "exists":
        return bool(mine) == (asked == ["true"])
    if operator == "ne":
        return not holds(document, path, "eq", asked)
    if operator in ("contains", "startswith"):
        test = str.__contains__ if operator == "contains" else str.startswith
        return any(test(fold(value), fold(asked[0])) for value in mine if isinstance(value, str))
    pairs = [(sort_key(value), sort_key(each)) for value in mine for each in asked]
    return any(one[0] == other[0] and TESTS[operator](one, other) for one, other in pairs)


def read_all(client, **parameters):
    """Every row of a list, page by page."""
    rows, path = [], "/countries?" + urlencode(parameters, doseq=True)
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.json
        rows += answer.json
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    return rows


@pytest.fixture
def scored(client):
    """A client of the world with some attributes of a user's own, and every record in full."""
    for number, code in enumerate(("TH", "AU", "EG", "DE", "BR", "NO")):
        client.patch(
            f"/countries/{code}",
            json={"extra": {"score": (number - 2) * 1.5, "tag": f"Ünit {number}"}},
        )
    return client, client.get("/countries?fields=*").json


def test_filters_find_what_every_record_says(scored):
    client, documents = scored
    chance = random.Random(3166)
    for path in PROBED:
        found = [value for document in documents for value in values_at(document, path)]
        kind = type(found[0])
        operators = ["eq", "ne", "exists"]
        operators += ["gt", "gte", "lt", "lte"] if kind is not bool else []
        operators += ["contains", "startswith"] if kind is str else []
        for operator in operators:
            asked = (
                [chance.choice(found)]
                if operator not in ("eq", "ne")
                else chance.sample(found, min(2, len(found)))
            )
            if operator == "exists":
                asked = ["false"]
            sent = [str(value).lower() if isinstance(value, bool) else value for value in asked]
            rows = read_all(client, **{f"{path}[{operator}]": sent, "fields": "id"})
            expected = [
                {"id": each["id"]} for each in documents if holds(each, path, operator, asked)
            ]
            assert rows == expected, (path, operator, asked)


def test_conditions_must_all_hold_and_text_ignores_case_and_accents(client):
    rows = client.get(
        "/countries?region=EUROPE&landlocked=true&languages.name=german&fields=alpha2&sort=alpha2"
    ).json
    assert [row["alpha2"] for row in rows] == ["AT", "CH", "LI", "LU"]
    assert client.get("/countries?q=cote+ivoire&fields=alpha2").json == [{"alpha2": "CI"}]
    assert client.get("/countries?q=%C3%96STERREICH&fields=alpha2").json == [{"alpha2": "AT"}]
    assert client.get("/countries?name[contains]=%25&fields=id").json == []
    assert client.get("/countries?name[startswith]=_ran&fields=id").json == []


@pytest.mark.parametrize(
    "sort", ["name", "-area", "gini", "-gini,name", "region,-population", "currencies.code,-name"]
)
@pytest.mark.parametrize("limit", [7, 250])
def test_every_order_puts_missing_values_last_and_pages_meet(scored, sort, limit):
    client, documents = scored

    def place(document):
        levels = []
        for part in sort.split(","):
            keys = [sort_key(value) for value in values_at(document, part.removeprefix("-"))]
            turned = [-ord(letter) for letter in keys[0]] if keys and part[0] == "-" else None
            levels.append(
                (
                    not keys,
                    turned if turned is not None else [ord(letter) for letter in (keys or [""])[0]],
                )
            )
        return [*levels, document["id"]]

    # Down and of different lengths: the longer text comes first, as its key is the greater one.
    def descending_safe(document):
        return [(missing, [*letters, 1]) if any(n < 0 for n in letters) else (missing, letters)
                for missing, letters in place(document)[:-1]] + [document["id"]]  # fmt: skip

    rows = read_all(client, sort=sort, limit=limit, fields="id")
    assert [row["id"] for row in rows] == [
        each["id"] for each in sorted(documents, key=descending_safe)
    ]


def test_numbers_order_by_value():
    numbers = [-(2**53), -1e9, -2, -1.5, -1, -0.0, 1e-9, 0.5, 1, 1.5, 2, 513120, 1e9, 2**53]
    keys = [number_sort_key(number) for number in numbers]
    assert keys == sorted(keys)
    assert number_sort_key(-0.0) == number_sort_key(0)
    assert number_sort_key(513120) == number_sort_key(513120.0)


def test_pages_stay_whole_while_others_insert(client):
    first = client.get("/countries?sort=name&limit=100&fields=name")
    names = [row["name"] for row in first.json]
    for name in ("Aaland", "Middle-earth", "Zz"):
        assert client.post("/countries", json={"name": name}).status_code == 201
    path = first.headers["Link"].partition(">")[0].removeprefix("<")
    while path:
        answer = client.get(path)
        names += [row["name"] for row in answer.json]
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert len(names) == len(set(names)) == 252, (
        "the one that came before the place read is on no later page"
    )
    assert "Middle-earth" in names
    assert "Aaland" not in names


def test_facets_count_records(scored):
    client, documents = scored
    answer = client.get(
        "/countries/facets?field=region&field=currencies.code&field=landlocked&un_member=true&limit=5"
    )
    members = [document for document in documents if document.get("un_member")]
    for field in ("region", "currencies.code", "landlocked"):
        counts = Counter(
            value for each in members for value in set(map(str, values_at(each, field)))
        )
        found = {each["value"]: each["count"] for each in answer.json[field]}
        assert all(
            counts[value if field != "landlocked" else value.title()] == count
            for value, count in found.items()
        )
        assert list(found.values()) == sorted(counts.values(), reverse=True)[:5]


def test_filters_go_with_days_and_entries(client):
    assert client.get("/countries?currencies.code=EUR&alpha2=BG&on=2025-12-31").json == []
    assert len(client.get("/countries?currencies.code=EUR&alpha2=BG&on=2026-01-01").json) == 1
    client.patch("/countries/BG", json={"region": "Balkans"})
    assert client.get("/countries?region=Balkans&as_of=250").json == []
    assert client.get("/countries?region=Balkans").headers["X-Total-Count"] == "1"
    assert client.get("/countries?region=Balkans&sort=name&limit=1").json[0]["alpha2"] == "BG"
    client.delete("/countries/BG?dependents=remove")
    assert client.get("/countries?region=Balkans").json == []


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("populaton=1", 'did you mean "population"?'),
        ("populaton[gte]=1", 'did you mean "population"?'),
        ("area[gte=1", "unknown operator"),
        ("area[most]=1", "unknown operator"),
        ("area=large", "is a number"),
        ("area=NaN", "is a number"),
        ("area=1e999", "is a number"),
        ("landlocked=yes", "true or false"),
        ("landlocked[gt]=true", "no order"),
        ("area[contains]=5", "only text"),
        ("area[gt]=1&area[gt]=2", "given 2 times"),
        ("name[exists]=maybe", "true or false"),
        ("currencies=EUR", "currencies.code"),
        ("currency=EUR", "currencies.code"),
        ("sort=nam", 'did you mean "name"?'),
        ("sort=name,name", "named twice"),
        ("sort=", "is not a field"),
        ("sort=name&after=WzFd", "cursor"),
        ("sort=id,name,area,region,alpha2,alpha3", "at most 5"),
        ("&".join(f"{path}[exists]=true" for path in COUNTRY.catalog.paths), "conditions"),
        ("count=about", "exact"),
        ("alpha2=TH,XT", "repeat it for any of several: alpha2=TH&alpha2=XT."),
        ("alpha2[ne]=th,%20xt", "repeat it for any of several: alpha2[ne]=th&alpha2[ne]=xt."),
        ("currencies.code=EUR,CHF,USD", "currencies.code=EUR&currencies.code=CHF."),
        ("calling_codes=%2B66,%2B67", "takes one value"),
        ("status=bogus", "status must be assigned or user-assigned or former"),
        ("status=assigned,former", "status must be assigned or user-assigned or former"),
        ("driving_side[ne]=up", "left or right"),
        ("groups=EU", "member_of=EU"),
        ("include=sources", "include must be undated"),
        ("membership[eq]=EU", "member_of=EU"),
    ],
)
def test_a_mistake_is_told(sqlite_client, query, hint):
    answer = sqlite_client.get(f"/countries?{query}")
    assert answer.status_code == 400, answer.data
    assert hint in answer.json["error"]


@pytest.mark.parametrize(
    "query",
    [
        "name=Korea,%20South",
        "status=FORMER",
        "status[startswith]=for",
    ],
)
def test_commas_in_texts_and_words_in_any_case_are_no_mistakes(sqlite_client, query):
    assert sqlite_client.get(f"/countries?{query}").status_code == 200


def test_a_cursor_is_for_its_own_order(client):
    after = (
        client.get("/countries?sort=name&limit=1")
        .headers["Link"]
        .partition("after=")[2]
        .partition(">")[0]
    )
    assert client.get(f"/countries?sort=name&limit=1&after={after}").status_code == 200
    for other in ("", "sort=-name&", "sort=area&", "sort=name,area&"):
        assert client.get(f"/countries?{other}after={after}").status_code == 400
    changed = ("B" if after[3] != "B" else "C").join([after[:3], after[4:]])
    assert client.get(f"/countries?sort=name&after={changed}").status_code in (200, 400)


def test_many_shapes_at_once(client):
    queries = [
        f"region=Asia&sort={sort}&limit={limit}"
        for sort in ("name", "-area", "gini")
        for limit in (3, 50)
    ]
    alone = {query: client.get(f"/countries?{query}").data for query in queries}

    def ask(query):
        return query, client.application.test_client().get(f"/countries?{query}").data

    with ThreadPoolExecutor(8) as pool:
        assert all(alone[query] == data for query, data in pool.map(ask, queries * 5))


def test_the_next_page_is_of_the_same_query_with_every_value_of_a_repeated_filter(shared_client):
    query = "region=Africa&region=Oceania&languages.code[exists]=true&sort=-area,name&fields=name&limit=20&lang=de"
    path, names = f"/countries?{query}", []
    while path:
        answer = shared_client.get(path)
        names += [country["name"] for country in answer.json]
        link = answer.headers.get("Link", "")
        path = link.removeprefix("<").partition(">")[0]
    whole = shared_client.get(f"/countries?{query.replace('limit=20', 'limit=1000')}").json
    assert len(names) > 60
    assert names == [country["name"] for country in whole]


def test_fields_picked_in_the_database_are_what_the_record_says(client):
    odd = {
        "nothing": None,
        "pi": 3.141592653589793,
        "near": 1.5e-7,
        "whole": 2**53,
        "text": 'é "\\\n\U0001f30d',
        "": [[], {}],
    }
    made = client.post("/countries", json={"name": "Erewhon", "area": 0.1, "extra": odd}).json
    for fields in ("extra", "area,extra,capital", "name,area", "id"):
        [found] = client.get(f"/countries?name=Erewhon&fields={fields}").json
        assert found == {name: made[name] for name in fields.split(",") if name in made}
    [found] = client.get("/countries?name=Erewhon").json
    assert found == {name: made[name] for name in ("id", "name", "area")}
    assert made["extra"] == odd


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", range(1, 5001)),
        ("name[ne]", [f"Nowhere {number}" for number in range(5000)]),
    ],
)
def test_any_number_of_values_is_a_query(open_app, world_url, name, values):
    client = open_app(world_url, max_query=200_000).test_client()
    asked = urlencode({name: list(values), "name[startswith]": "Thai", "fields": "name"}, True)
    answer = client.get(f"/countries?{asked}")
    assert answer.status_code == 200, answer.json
    assert answer.json == [{"name": "Thailand"}]
