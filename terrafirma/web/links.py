"""Addresses of pages and of the API, below the prefix a proxy gives this server, with the state a reader chose."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import current_app, g, request, url_for

from terrafirma.http.app.context import state
from terrafirma.register.model.kinds import COUNTRY, EVERY_KIND
from terrafirma.web.display import MADE

SAFE = ",*:[]"
"""Characters that stay unescaped in addresses."""
STATE = ("on", "as_of", "lang")
"""Parameters that every link to a page carries until the reader takes them away."""
PAGES_OWN = (
    "colour",
    "x",
    "y",
    "size",
    "scale",
    "until",
    "add",
    "how",
    "value",
    "columns",
    "page",
    "tint",
)
"""Parameters that pages have and the API has not."""
ANY = "KEY-OF-A-RECORD"
PLURALS = {kind.name: kind.plural for kind in EVERY_KIND.values()}

Value = str | int | Sequence[str] | None


def link(endpoint: str, /, **values: Any) -> str:
    """The address of a page, with the day, the entry and the language of this one unless `values` say otherwise."""
    return build(endpoint, kept_state() | values)


def build(endpoint: str, values: dict[str, Any]) -> str:
    """The address of an endpoint: values of its rule in the path, all others in a readable query; None is left out."""
    named = rule_arguments(endpoint)
    path = url_for(endpoint, **{name: value for name, value in values.items() if name in named})
    return path + write_query({name: value for name, value in values.items() if name not in named})


def rule_arguments(endpoint: str) -> set[str]:
    """The names of the parts of an endpoint's path."""
    return next(current_app.url_map.iter_rules(endpoint)).arguments


def write_query(values: dict[str, Any]) -> str:
    """A query string with its question mark; empty where there is nothing to ask."""
    kept = {name: value for name, value in values.items() if value not in (None, [], "")}
    return f"?{urlencode(kept, doseq=True, safe=SAFE)}" if kept else ""


def kept_state() -> dict[str, str]:
    """The day, the entry and the language that this page's address names."""
    return {name: request.args[name] for name in STATE if request.args.get(name)}


def record_page(kind: str, key: Any) -> str:
    """The page of a record, by the name of its kind and a code or its id."""
    # A page links to hundreds of records: what their addresses have in common is made once a request.
    made = g.setdefault("record_pages", {})
    if kind not in made:
        path = (
            url_for("record.show_country", key=ANY)
            if kind == COUNTRY.name
            else url_for("record.show_record", plural=PLURALS[kind], key=ANY)
        )
        made[kind] = path, write_query(kept_state())
    address, query = made[kind]
    return str(address).replace(ANY, quote(str(key), safe="")) + str(query)


def here_path() -> str:
    """This page's address without its query."""
    return request.script_root + quote(request.path, safe="/")


def here(**changes: Value) -> str:
    """This page's address with changed parameters; None removes a parameter."""
    return here_path() + changed_query(changes)


def cleared() -> str:
    """This page's address with its state and nothing else."""
    return here_path() + write_query(kept_state())


def canonical() -> str:
    """This page's address as search engines are to know it: without language, page number and display options."""
    return here(**dict.fromkeys(("lang", *PAGES_OWN, "after")))


def asked(path: str, **changes: Value) -> str:
    """The address of the API that answers what this page shows: its parameters without those of pages."""
    fields = ",".join(request.args.getlist("fields"))
    shared = [name for name in fields.split(",") if name and name not in MADE]
    own = dict.fromkeys(PAGES_OWN)
    return (
        request.script_root
        + quote(path, safe="/")
        + changed_query({**own, "fields": ",".join(shared), **changes})
    )


def changed_query(changes: dict[str, Any]) -> str:
    """The query of this page with parameters changed."""
    return write_query(request.args.to_dict(flat=False) | changes)


def origin() -> str:
    """Where programs reach this server, as its settings say, without a path; a script puts in how it was reached."""
    settings = state().settings
    if not settings.public_url:
        return f"http://127.0.0.1:{settings.port}"
    scheme, host = urlsplit(settings.public_url)[:2]
    return f"{scheme}://{host}"


def is_here(address: str) -> bool:
    """Return True if an address leads to this page."""
    return urlsplit(address).path == here_path() and "status=former" not in address
