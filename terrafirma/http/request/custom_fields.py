"""The custom fields that a request may name, by what the register declares now."""

from flask import request

from terrafirma.http.app.context import reading
from terrafirma.register.log.custom_fields import customise
from terrafirma.register.model.catalog import EXTRA
from terrafirma.register.model.kinds import Kind


def fit_kind(kind: Kind) -> Kind:
    """A kind with its declared fields, looked up where the query names any."""
    said = (text for name, values in request.args.lists() for text in (name, *values))
    if not request.query_string or not any(EXTRA in text for text in said):
        return kind
    with reading() as connection:
        return customise(connection, kind)
