"""A warm request builds no statement: each is built once, and compiled once for its database."""

import pytest
from sqlalchemy import event
from sqlalchemy.sql import Select

PATHS = [
    "/countries",
    "/countries?fields=id,name,capital,area",
    "/countries?region=Asia&sort=-area&limit=3",
    "/countries?q=o&count=exact&limit=2",
    "/countries?lang=de&limit=3",
    "/countries?member_of=EU&limit=3",
    "/countries?as_of=1&on=2020-01-01",
    "/countries?status=former",
    "/countries/TH",
    "/countries/TH?lang=de",
    "/countries/SU",
    "/countries/1?on=2020-01-01&as_of=7000",
    "/countries/TH/subdivisions?limit=3",
    "/countries/facets?field=region",
    "/groups/EU/members?limit=3",
    "/v3.1/name/united",
    "/v3.1/alpha/th",
]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_warm_request_builds_no_statement(open_app, request, kind, monkeypatch):
    app = open_app(request.getfixturevalue(f"{kind}_world_url"), hot_cache=0)
    client, built, executed = app.test_client(), [], []
    init = Select.__init__
    event.listen(
        app.extensions["terrafirma"].database.engine,
        "before_execute",
        lambda _connection, clause, *_: executed.append(clause),
    )
    for path in PATHS:
        assert client.get(path).status_code == 200, path
    monkeypatch.setattr(
        Select, "__init__", lambda self, *given: built.append(self) or init(self, *given)
    )
    executed.clear()
    for path in PATHS:
        client.get(path)
        assert not built, path
        assert not executed, path
