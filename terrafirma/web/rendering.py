"""Pages: templates made HTML, with an ETag and a policy that lets nothing in from elsewhere."""

from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request
from jinja2 import Environment, PackageLoader

from terrafirma.flags import list_flags
from terrafirma.http.app.context import state
from terrafirma.http.response.assets import secure_page
from terrafirma.http.response.responses import reply_bytes
from terrafirma.web.display import label_of, label_source, value_of, write_field, write_value
from terrafirma.web.forms import spell, spell_any

HTML = "text/html; charset=utf-8"
SAFE = ",*:[]"
"""What stays readable in an address beside letters and digits."""
PAGES_OWN = ("colour", "x", "y", "until", "add", "how", "value")
"""Parameters that pages have and the API has not."""


def here(**changes: str | list[str] | None) -> str:
    """This page's address with parameters changed; None takes one out."""
    return there(request.path, **changes)


def there(path: str, **changes: str | list[str] | None) -> str:
    """Another page's address with this one's parameters, changed."""
    query = request.args.to_dict(flat=False) | {
        name.replace("__", "."): value for name, value in changes.items()
    }
    kept = {name: value for name, value in query.items() if value not in (None, [], "")}
    return quote(path, safe="/") + (f"?{urlencode(kept, doseq=True, safe=SAFE)}" if kept else "")


def asked(path: str, **changes: str | list[str] | None) -> str:
    """An address of the API that asks what this page shows: its parameters, less those that only pages know."""
    return there(path, **dict.fromkeys(PAGES_OWN), **changes)


def origin() -> str:
    """Where programs find this server, as its settings say; a page's script knows better."""
    settings = state().settings
    return settings.public_url or f"http://127.0.0.1:{settings.port}"


def make_environment() -> Environment:
    """The templates of this package, in which everything is escaped."""
    loader = PackageLoader("terrafirma.web")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "shown": write_value,
        "told": write_field,
        "label": label_of,
        "value": value_of,
    }
    environment.filters |= {"cited": label_source, "spelled": spell, "spelled_any": spell_any}
    environment.globals |= {
        "here": here,
        "there": there,
        "asked": asked,
        "origin": origin,
        "pictured": list_flags,
    }
    return environment


ENVIRONMENT = make_environment()


def render(template: str, **values: Any) -> bytes:
    """A template's text as bytes."""
    return ENVIRONMENT.get_template(template).render(request=request, **values).encode()


def reply_page(template: str, mark: str, **values: Any) -> Response:
    """A page made from what the register said as of an entry, which the mark names."""
    response = reply_bytes(render(template, **values), HTML, mark=mark)
    response.content_type = HTML
    response.vary.add("Accept-Language")
    return secure_page(response)
