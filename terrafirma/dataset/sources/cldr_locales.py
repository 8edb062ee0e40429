"""Unicode CLDR's inheritance between locales."""

from typing import Any

from terrafirma.dataset.inputs import Inputs

PACKAGE = "cldr-core"
ROOT = "und"
SCRIPT = 4


def read_parents(inputs: Inputs, locales: list[str]) -> dict[str, str | None]:
    """{tag: its parent, None: no parent} wherever it is not the truncated tag.

    Besides CLDR's own list: a region that uses another script (zh-TW: zh-Hant-TW), an unusual
    script (az-Arab: no parent), and other codes of a language (iw: he, deu: de).
    """
    supplemental = {
        name: inputs.read_json(PACKAGE, f"supplemental/{name}.json")["supplemental"]
        for name in ("parentLocales", "likelySubtags", "aliases")
    }
    known = {locale.partition("-")[0] for locale in locales}
    likely: dict[str, str] = supplemental["likelySubtags"]["likelySubtags"]
    listed = supplemental["parentLocales"]["parentLocales"]["parentLocale"]
    return {
        **read_aliases(supplemental["aliases"]["metadata"]["alias"]["languageAlias"], known),
        **read_other_scripts(likely, known, locales),
        **{tag: None if parent == ROOT else parent for tag, parent in listed.items()},
    }


def read_aliases(aliases: dict[str, Any], known: set[str]) -> dict[str, str | None]:
    """{tag: its replacement} for known languages."""
    replaced = {tag: entry["_replacement"] for tag, entry in aliases.items() if tag not in known}
    return {tag: other for tag, other in replaced.items() if other.partition("-")[0] in known}


def read_other_scripts(
    likely: dict[str, str], known: set[str], locales: list[str]
) -> dict[str, str | None]:
    """Regions and scripts in which a language is not written as its bare tag means."""
    found: dict[str, str | None] = {}
    for locale in locales:
        language, _, script = locale.partition("-")
        if len(script) == SCRIPT and script.isalpha() and script != script_of(likely.get(language)):
            found[locale] = None
    for tag, full in likely.items():
        language, _, region = tag.partition("-")
        script = script_of(full)
        if (
            language in known
            and len(region) in (2, 3)
            and script != script_of(likely.get(language))
        ):
            found[tag] = f"{language}-{script}-{region}"
    return found


def script_of(full: str | None) -> str:
    """The script of a tag of three parts."""
    return full.split("-")[1] if full else ""
