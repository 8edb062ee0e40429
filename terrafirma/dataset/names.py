"""Names of countries in every locale, without names inherited from the parent locale."""

from collections.abc import Iterator

from terrafirma.dataset.known import ALWAYS, READ
from terrafirma.dataset.merge import find_value
from terrafirma.dataset.model import Merged
from terrafirma.dataset.reference import Documents, code_of
from terrafirma.dataset.sources.cldr_names import CldrNames, spell_out
from terrafirma.register.model.languages import OWN, Parents, parent_of

LocaleNames = dict[str, dict[str, str]]
"""{alpha-2: {locale: name}}"""


def build_locale_names(merged: Merged, names: CldrNames, parents: Parents) -> LocaleNames:
    """Every name that differs from the inherited name.

    English is the records' own name, so it is left out; its regional forms are spelt like English,
    and have no names of countries whose name is kept by hand.
    """
    kept = {
        code
        for code, record in merged.items()
        if find_value(record, "name")[1].startswith("facts/")
    }
    found: LocaleNames = {code: {} for code in merged}
    for locale in names.list_locales():
        line = list(list_line(locale, parents))
        for code in merged:
            spoken = [say(each, code, names, english=OWN in line) for each in line]
            inherited = next(filter(None, spoken[1:]), None)
            if (
                spoken[0] not in (None, inherited)
                and locale != OWN
                and not (OWN in line and code in kept)
            ):
                found[code][locale] = spoken[0]
    return found


def list_line(locale: str | None, parents: Parents) -> Iterator[str]:
    """A locale and all it inherits from, nearest first."""
    while locale is not None:
        yield locale
        locale = parent_of(locale, parents)


def say(locale: str, code: str, names: CldrNames, *, english: bool) -> str | None:
    """The name of a country in exactly this locale."""
    name = names.find_name(locale, code)
    return spell_out(name) if name and english else name


def build_locales(found: LocaleNames, parents: Parents) -> dict[str, str | None]:
    """{locale: its nearest ancestor} of locales that name at least half of the countries; English
    is included."""
    having = {OWN, *(locale for names in found.values() for locale in names)}
    lines = {
        locale: [each for each in list_line(locale, parents) if each in having] for locale in having
    }
    spoken = {
        locale
        for locale, line in lines.items()
        if OWN in line
        or 2 * sum(not names.keys().isdisjoint(line) for names in found.values()) >= len(found)
    }
    return {
        locale: next((each for each in lines[locale][1:] if each in spoken), None)
        for locale in spoken
    }


def render_records(documents: Documents, found: LocaleNames) -> Documents:
    """The stored documents of kind `names` by id, with the alpha-2 code.

    They begin with the name that a country has today, or on its known first day: earlier
    translations are unknown.
    """
    records = []
    for document in [document for document in documents if code_of(document) in found]:
        code, today = code_of(document), document.get("dated", {}).get("name", [{}])[-1]
        known = document.get("known_from", {}).get("name", document.get("from", READ))
        since = {
            "from": today.get("from", document.get("from", known) if known == ALWAYS else known)
        }
        records.append({"id": document["id"], "alpha2": code, "names": found[code]} | since)
    return records
