"""Names of countries in their own languages."""

from typing import Any

from terrafirma.dataset.model import BuildError, Merged
from terrafirma.dataset.sources.cldr_names import CldrNames


def add_native_names(
    merged: Merged,
    names: CldrNames,
    tags: dict[str, set[str]],
    forms: tuple[dict[str, dict[str, str]], ...],
) -> None:
    """Add ``native_names`` in place: [{language, name, official_name?}], one for each official language.

    The languages are the merged ones, so a fact about them counts here too. ``tags`` are those CLDR holds to be
    official, some with a script: {alpha-2: tags}; ``forms`` names kept by hand, short and long: {alpha-2: {tag: name}}.
    Whole lists kept by hand stay, unless they say the same: BuildError.
    """
    short_forms, long_forms = forms
    for code, record in merged.items():
        short, long = short_forms.get(code, {}), long_forms.get(code, {})
        found = list_native_names(code, record, names, tags.get(code, set()), short)
        found = [name | official_name(long, name["language"]) for name in found]
        if "native_names" in record:
            if record["native_names"][0] == found:
                raise BuildError(
                    f"{record['native_names'][1]}: the sources name {code} so already; take it out"
                )
        elif found:
            used = any("official_name" in name for name in found)
            record["native_names"] = (found, "cldr+facts/local_long_form.toml" if used else "cldr")
        if unused := {*short, *long} - {name["language"] for name in found}:
            raise BuildError(
                f"facts/local_*_form.toml: {code} has no name in {', '.join(sorted(unused))}"
            )


def official_name(forms: dict[str, str], tag: str) -> dict[str, str]:
    """The long form in this language, if kept."""
    return {"official_name": forms[tag]} if tag in forms else {}


def list_native_names(
    code: str, record: dict[str, Any], names: CldrNames, tags: set[str], short: dict[str, str]
) -> list[dict[str, str]]:
    """[{language, name}]: as written in that very country if CLDR can tell. English takes the record's own name.

    ``short`` are names kept by hand, for languages that CLDR has none in.
    """
    found = []
    for language in record.get("languages", ([], ""))[0]:
        tag = language["code"]
        if not language["official"]:
            continue
        variants = sorted(other for other in tags if other.startswith(f"{tag}-"))
        # Where only a script of the language is official (zh-Hant in Taiwan), its bare tag would be the other script.
        for each in [tag, *variants] if tag in tags or not variants else variants:
            name = (
                short.get(each)
                or names.find_name(f"{each}-{code}", code)
                or names.find_name(each, code)
            )
            if name:
                found.append(
                    {"language": each, "name": record["name"][0] if each == "en" else name}
                )
    return found
