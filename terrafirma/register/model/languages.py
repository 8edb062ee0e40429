"""Language negotiation for names: BCP 47 tags and Unicode CLDR's inheritance between locales.

A locale stores only names that differ from its parent, so a name is looked up along a chain:
`de-AT`, then `de`; `zh-Hant-HK`, then `zh-Hant`. English ends in the records' own names.
"""

import re
from collections.abc import Iterable, Mapping

Parents = Mapping[str, str | None]
"""Parents of tags that do not inherit by truncation; None for no parent."""

TAG = "^([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*|[IiXx]([-_][A-Za-z0-9]{1,8})+)$"
"""Pattern of a well-formed tag; an underscore counts as a hyphen."""

LONGEST = 35
"""Characters of a tag that is taken; RFC 5646 asks for no more."""

OWN = "en"
"""The language of the records' own names."""

SCRIPT, REGION = 4, 2


def canonical(text: str) -> str | None:
    """A language tag as CLDR writes it (`zh_hant_tw` becomes `zh-Hant-TW`); None if malformed."""
    if len(text) > LONGEST or not re.fullmatch(TAG, text):
        return None
    first, *rest = text.replace("_", "-").lower().split("-")
    for place, part in enumerate(rest):
        # What comes after a single letter is an extension, in lower case.
        if len(part) == 1:
            break
        if len(part) == SCRIPT and part.isalpha():
            rest[place] = part.title()
        elif len(part) == REGION:
            rest[place] = part.upper()
    return "-".join([first, *rest])


def parent_of(tag: str, parents: Parents) -> str | None:
    """The parent of a tag; None at the end of the chain."""
    if tag in parents:
        return parents[tag]
    return tag.rpartition("-")[0] or None


class Locales:
    """The locales of a register, and their parents."""

    def __init__(self, spoken: Parents, parents: Parents) -> None:
        self._spoken = spoken
        """Each locale that has names of its own, with the nearest such that it inherits from."""
        self._parents = parents

    def find(self, tag: str) -> str | None:
        """The locale that speaks for a canonical tag: itself, or the nearest it inherits from."""
        known: str | None = tag
        while known is not None and known not in self._spoken:
            known = parent_of(known, self._parents)
        return known

    def chain(self, locale: str | None) -> list[str]:
        """A locale and its ancestors, nearest first, without OWN, which the records hold
        themselves."""
        found: list[str] = []
        while locale not in (None, OWN):
            found.append(locale)
            locale = self._spoken[locale]
        return found

    def choose(self, texts: Iterable[str]) -> str:
        """The locale for the first of these tags with a name; OWN if none match."""
        for text in texts:
            if (tag := canonical(text)) and (locale := self.find(tag)):
                return locale
        return OWN
