"""`/about`: the dataset of the register, its sources and their licences."""

from dataclasses import dataclass
from typing import Any

from flask import Response
from pydantic import Field

from terrafirma.config import WORLD
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.responses import reply_json
from terrafirma.register.model.derived import load_reference
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.storage.engine import schema
from terrafirma.storage.register.entries import read_head
from terrafirma.version import VERSION

door = Door("about")

LINKS = {
    "sources of a record": "/countries/{id, alpha-2 or alpha-3}?include=sources",
    "entries": "/entries?since={number}",
    "openapi": "/openapi.json",
    "docs": "/docs",
}


class Source(StrictModel):
    """Where values come from."""

    source: str = Field(description="Its id, as `include=sources` gives it.")
    name: str
    licence: str
    version: str = fact("Of the package that was read.")
    url: str = fact("Where it is published.")
    fields: list[str] = Field(description="What it gives, such as `country.area`.")


@dataclass
class Dataset:
    """The dataset that the register was last filled with or upgraded to."""

    name: str
    version: str


@dataclass
class Contents:
    """The contents of this register and their sources."""

    name: str
    version: str
    licence: str
    dataset: Dataset
    entries: int
    sources: list[Source]
    links: dict[str, str]


@door.route("GET", "/about", Access.READ, gives=Contents)
def about() -> Response:
    """The dataset of the register and its version, sources and licences."""
    with reading() as connection:
        head = read_head(connection)
        name, _, dataset = (schema.read_property(connection, "dataset") or "").partition(" ")
    contents = {
        "name": "Terrafirma",
        "version": VERSION,
        "licence": "Apache-2.0",
        "dataset": {"name": name, "version": dataset},
        "entries": head.number,
        "sources": list_sources() if name == WORLD else [],
        "links": LINKS,
    }
    return reply_json(contents, mark=head.mark)


def list_sources() -> list[dict[str, Any]]:
    """Every source of the dataset's values, by its id."""
    return [source | {"source": id} for id, source in load_reference("sources").items()]
