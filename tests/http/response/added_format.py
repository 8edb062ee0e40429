"""Adds a format before the app is made, and finds it wherever rows are answered. Takes a folder."""

import sys
from functools import partial
from pathlib import Path

from terrafirma.formats.ndjson import Ndjson
from terrafirma.formats.offered import FORMATS
from terrafirma.formats.source_file import Hints, SourceLine
from terrafirma.register.model.canonical_json import decode


class Shouted(Ndjson):
    """Lines of JSON in capitals, after an exclamation mark."""

    name = "shouted"
    media = "text/x-shouted"

    row_name = ""

    def write_row(self, row, selection):
        """A row in capitals."""
        return b"!" + super().write_row(row, selection).upper()

    def fits(self, file):
        """True if a file shouts."""
        return file.text.startswith("!")

    def read_rows(self, file):
        """Rows in small letters."""
        with file.open() as stream:
            for number, line in enumerate(stream, 1):
                yield SourceLine(number, decode(line[1:].lower()))


FORMATS.append(Shouted())

from terrafirma.config import Settings  # noqa: E402 - after the format was added
from terrafirma.factory import create_app  # noqa: E402
from terrafirma.formats.detect import open_rows  # noqa: E402
from terrafirma.http.app.api_client import call_api  # noqa: E402
from terrafirma.http.middleware.peers import INSIDE  # noqa: E402
from terrafirma.work.exports import write_export  # noqa: E402

folder = Path(sys.argv[1])
database = f"sqlite:///{folder / 'register.sqlite'}"
app = create_app(Settings(data=folder, database_url=database, dataset="starter", log="none"))
client = app.test_client()
client.environ_base[INSIDE] = True

for path in ("/countries", "/countries/1", "/entries", "/countries/1/entries"):
    answer = client.get(path, headers={"Accept": Shouted.media})
    assert (answer.status_code, answer.mimetype) == (200, Shouted.media), (path, answer.text)
    assert b'"NAME":"THAILAND"' in answer.data or "entries" in path, answer.data

described = client.get("/openapi.json").json["paths"]
for path in ("/countries", "/countries/{key}", "/entries", "/countries/{key}/entries"):
    contract = described[path]["get"]
    assert Shouted.media in contract["responses"]["200"]["x-content"], path
    (form,) = (each for each in contract["parameters"] if each.get("name") == "format")
    assert "shouted" in form["schema"]["enum"], path

assert client.post("/exports", json={"format": "shouted"}).status_code == 202
write_export(folder / "x", "country", "shouted", "", partial(call_api, app), print)
assert (folder / "x").read_bytes() == client.get("/countries?format=shouted").data

shape, lines = open_rows(folder / "x", Hints(), 1_000_000)
assert (shape.format, next(lines).value["name"]) == ("shouted", "thailand")
