"""Pages: templates made HTML in the reader's language, with an ETag and a strict content policy."""

from typing import Any

from flask import Response, request, url_for
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from terrafirma.flags import list_flags
from terrafirma.http.request.languages import read_language
from terrafirma.http.response.assets import secure_page
from terrafirma.http.response.responses import reply_bytes, vary_by
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.languages import OWN
from terrafirma.register.model.records import Document
from terrafirma.web import catalogues, links
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import (
    display_value,
    label_of,
    label_source,
    last_day,
    unit_of,
    value_of,
    write_field,
    write_number,
)
from terrafirma.web.forms import spell, spell_any
from terrafirma.web.world_map import world_map

HTML = "text/html; charset=utf-8"
ADMIN = {
    "imports": "Import",
    "exports": "Export",
    "jobs": "Jobs",
    "webhooks": "Webhooks",
    "keys": "Keys",
    "people": "People",
    "audit": "Audit log",
}
"""The pages of the menu Data, with their titles."""
OWN_NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ar": "العربية",
    "zh": "中文",
}
"""Names of the languages of the pages, each in itself."""


def static(name: str) -> str:
    """The address of a file that pages load."""
    return url_for("assets.get_asset", name=name)


JOINED = ("group", "country")
"""Fields whose records a membership or a figure is about."""


def name_of(kind: Kind, document: Document) -> str:
    """The title of a record: its name, else its code, else what it joins, else its kind and number."""
    if found := document.get("name") or document.get("code"):
        return str(found)
    parts = [str(document[name]) for name in JOINED if name in document]
    if "indicator" in document:
        parts.append(_(label_of(document["indicator"])))
    return " – ".join(parts) if len(parts) > 1 else f"{_(label_of(kind.name))} {document['id']}"


def write_inline(words: str) -> str:
    """A label inside a sentence: in small letters, but for abbreviations and where nouns begin with a capital."""
    if catalogues.page_language() == "de" or words[:2].isupper():
        return words
    return words[:1].lower() + words[1:]


def writer_of(kind: Kind) -> str:
    """The role that writing records of a kind takes."""
    return "admin" if kind.declares else "editor"


def spoken() -> Markup:
    """Attributes of an element with a record's name, where names are in another language than the page."""
    language = read_language()
    if language in (None, OWN, catalogues.page_language()):
        return Markup("")
    return Markup(' lang="{}" dir="auto"').format(language)


def span_words(membership: Document) -> str:
    """The days of a membership in words: `observer since 5 May 1949`."""
    role = membership.get("role", "member")
    words = [] if role == "member" else [_(role)]
    if "from" in membership:
        words.append(_("since %(day)s") % {"day": catalogues.write_day(membership["from"])})
    if "to" in membership:
        words.append(_("until %(day)s") % {"day": catalogues.write_day(last_day(membership["to"]))})
    return " ".join(words)


def period_words(period: Document) -> str:
    """The days of a period in words; its last day is the last on which it held."""
    begin = (
        _("from %(day)s") % {"day": catalogues.write_day(period["from"])}
        if "from" in period
        else ""
    )
    end = (
        _("until %(day)s") % {"day": catalogues.write_day(last_day(period["to"]))}
        if "to" in period
        else ""
    )
    return " ".join(part for part in (begin, end) if part) or _("always")


def page_numbers(found: Any) -> list[int | None]:
    """The numbers of pages to offer: the first, the last and those around the one that is shown; None is a gap."""
    near = sorted(
        {1, found.pages, *range(max(1, found.page - 2), min(found.pages, found.page + 2) + 1)}
    )
    numbers: list[int | None] = []
    for before, number in zip([0, *near], near, strict=False):
        numbers += [None, number] if number > before + 1 else [number]
    return numbers


def admin_pages() -> list[tuple[str, str]]:
    """The pages of the menu Data, each with its title."""
    return [(name, _(title)) for name, title in ADMIN.items()]


def make_environment() -> Environment:
    """The templates of this package, in which everything is escaped."""
    loader = PackageLoader("terrafirma.web")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(_, catalogues.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "shown": display_value,
        "told": write_field,
        "label": label_of,
        "value": value_of,
    }
    environment.filters |= {
        "unit": unit_of,
        "words": _,
        "inline": write_inline,
        "day": catalogues.write_day,
        "number": write_number,
        "last_day": last_day,
    }
    environment.filters |= {"cited": label_source, "spelled": spell, "spelled_any": spell_any}
    environment.globals |= (
        LINKS | WORDS | {"pictured": list_flags, "world_map": world_map, "static": static}
    )
    return environment


LINKS = {
    "link": links.link,
    "record_page": links.record_page,
    "here": links.here,
    "here_path": links.here_path,
    "cleared": links.cleared,
    "canonical": links.canonical,
    "asked": links.asked,
    "origin": links.origin,
    "is_here": links.is_here,
    "url_for": url_for,
    "request": request,
    "kept_state": links.kept_state,
    "admin_pages": admin_pages,
}
WORDS = {
    "page_language": catalogues.page_language,
    "text_direction": catalogues.text_direction,
    "languages": catalogues.LANGUAGES,
    "own_name": OWN_NAMES.__getitem__,
    "name_of": name_of,
    "spoken": spoken,
    "writer_of": writer_of,
    "span_words": span_words,
    "period_words": period_words,
    "page_numbers": page_numbers,
}


ENVIRONMENT = make_environment()


def render_template(template: str, **values: Any) -> bytes:
    """A template's text as bytes."""
    return ENVIRONMENT.get_template(template).render(**values).encode()


def reply_page(template: str, mark: str, **values: Any) -> Response:
    """A page of the register's state at an entry, which the mark names."""
    response = reply_bytes(render_template(template, **values), HTML, mark=mark)
    response.content_type = HTML
    vary_by(response, "Accept-Language")
    return secure_page(response)
