"""Read the countries that a request asks about, as records of a version."""

from collections.abc import Sequence
from typing import cast

from flask import current_app, request

from terrafirma.http.app.context import reading, state
from terrafirma.http.request.arguments import read_moment
from terrafirma.register.model.clock import today
from terrafirma.register.resolve.answers import MATCHED
from terrafirma.register.resolve.weighing import FUZZY
from terrafirma.restcountries.editions import Edition, EditionCache, make_edition
from terrafirma.restcountries.translate import Record
from terrafirma.restcountries.versions import ApiVersion

SHELF = "terrafirma.restcountries"

ABROAD = ("names", "native_names")
"""The resolver's fields of names in other languages than English."""


def read_records(version: ApiVersion) -> Sequence[Record]:
    """Return the countries of the day asked for.

    The revision is read before they are, so none is out of date.
    """
    shelf, settings, locales = (
        cast(EditionCache, current_app.extensions[SHELF]),
        state().settings,
        state().locales,
    )
    key = (
        state().database.revision.read(),
        today(),
        request.args.get("on"),
        request.args.get("as_of"),
    )

    def make(last: Edition | None) -> Edition:
        # Not a replica: the edition is kept under the primary's revision.
        with state().database.reading() as connection:
            return make_edition(connection, read_moment(connection), settings, locales, last)

    return shelf.find(key, make).records(version)


def resolve_name(
    records: Sequence[Record], text: str, *, abroad: bool = True, misspelt: bool = True
) -> list[Record]:
    """The only country that a name means in any language or spelling; empty if unclear.

    abroad, misspelt: False for names of English only, and for those without typing errors.
    """
    with reading() as connection:
        moment = read_moment(connection)
        match = state().resolver.match(connection, text, on=moment.on)
    if match.outcome != MATCHED or match.record is None:
        return []
    if not misspelt and match.matched and match.matched.how == FUZZY:
        return []
    if not abroad and match.matched and match.matched.field in ABROAD:
        return []
    code = match.record.get("alpha2")
    return [each for each in records if each.get("cca2", each.get("alpha2Code")) == code]
