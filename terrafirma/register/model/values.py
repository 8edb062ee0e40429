"""The kinds of value a field may hold, each with the rule its error names.

JSON gives no NaN, but Python callers might; every check here is strict: no string becomes a number,
no number a string, and an integer stays the integer it was sent as.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from annotated_types import Ge, GroupedMetadata, Le
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from terrafirma.register.model.strict_json import LARGEST

ENDLESS = "9999-12-31"
"""Stands for "no end", so it cannot be used as a day."""

PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"

DATE_PATTERN = (
    r"^(?!0000|9999-12-31)([0-9]{4}(-(0[1-9]|1[0-2])|-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    r"|-(0[469]|11)-(0[1-9]|[12][0-9]|30)|-02-(0[1-9]|1[0-9]|2[0-8]))?"
    r"|[0-9]{2}(0[48]|[2468][048]|[13579][26])-02-29)$"
)
DATE_SCHEMA = {"type": "string", "pattern": DATE_PATTERN}
"""A partial date for JSON Schema: a single pattern, since client generators make a class of every
alternative."""

HIDDEN = r"\xad\u034f\u115f\u1160\u17b4\u17b5\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
"""Invisible characters, and those that turn the direction of text, in a character class."""
# A variation selector changes signs and ideographs, but no letter.
HIDDEN_TEXT = re.compile(
    rf"[{HIDDEN}\U0001d173-\U0001d17a\U000e0000-\U000e00ff]|[^\W\u2e80-\U0003ffff][\ufe00-\ufe0f]"
)
JOINERS = re.compile("(?s)(.?)[\u200b-\u200f\u061c\u180e]+(.?)")
"""Characters without width that some scripts need, with the letters beside them."""
BROAD_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "DIGIT")
"""Beginnings of the names of letters that never need them."""
CONTROLS = r"\x00-\x1f\x7f-\x9f"
TEXT_PATTERN = rf"^[^{CONTROLS}{HIDDEN}]*[^\s{CONTROLS}{HIDDEN}][^{CONTROLS}{HIDDEN}]*$"
"""Text that is not blank and has no control or hidden characters, for JSON Schema."""

FLAG_PATTERN = r"^[\U0001f1e6-\U0001f1ff]{2}$"

OWN_NAME = r"^[A-Za-z][A-Za-z0-9_-]*$"

RULES = {
    r"^[A-Z]{2}$": "must be two capital letters A-Z, such as TH",
    r"^[A-Z]{3}$": "must be three capital letters A-Z, such as THA",
    r"^[A-Z]{4}$": "must be four capital letters A-Z, such as SUHH",
    r"^[A-Z]{2}([A-Z]{2})?$": "must be an alpha-2 code, such as TH, or a former country's alpha-4 code, such as SUHH",
    r"^[0-9]{3}$": 'must be three digits in a string, such as "764"',
    r"^\+[0-9]{1,15}$": "must be a plus sign and digits, such as +66",
    r"^\.[^\s.\x00-\x1f\x7f-\x9f]+$": "must be a top-level domain with its dot, such as .th",
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "must be a BCP 47 language tag, such as th or sr-Latn",
    r"^[a-z]{3}$": "must be three small letters a-z, such as tha",
    r"^[A-Z]{2}-[A-Z0-9]{1,3}$": "must be an ISO 3166-2 code, such as US-CA",
    r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$": "must be capital letters, digits and dashes, a letter first, such as EU",
    r"^([A-Z]{2}|[A-Z]{4}|[1-9][0-9]{0,17})$": "must be a country's alpha-2 or alpha-4 code or, without them, its id",
    r"^Q[1-9][0-9]*$": "must be an item of Wikidata, such as Q869",
    r"^[0-9]{4}$": "must be a year in four digits, such as 2020",
    r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$": "must be small letters, digits and underscores, such as population",
    OWN_NAME: "must be letters, digits, dashes and underscores, a letter first, such as sales_region",
    r"^https?://[^\s\x00-\x1f\x7f-\x9f]+$": "must be a web address, such as https://www.un.org/",
    PARTIAL_DATE: "must be a date: YYYY, YYYY-MM or YYYY-MM-DD",
    DATE_PATTERN: "must be a date: YYYY, YYYY-MM or YYYY-MM-DD",
    FLAG_PATTERN: "must be a flag as an emoji, such as \U0001f1f9\U0001f1ed",
}
"""Patterns in words."""


def first_day(text: str) -> str:
    """The first day of a date given as a year, a month or a day: `1999` is `1999-01-01`."""
    return text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text


def check_date(text: str) -> str:
    """A partial date that stands in the calendar."""
    if not re.fullmatch(PARTIAL_DATE, text):
        raise PydanticCustomError("date", RULES[PARTIAL_DATE])
    try:
        date.fromisoformat(first_day(text))
    except ValueError:
        raise PydanticCustomError("date", "is not a day of the calendar") from None
    if text == ENDLESS:
        raise PydanticCustomError(
            "date", "must be before 9999-12-31; leave it out where there is no end"
        )
    return text


def check_number(value: Any) -> int | float:
    """A finite JSON number within 2^53, of the type it was sent as."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("type", "must be a number")
    if not abs(value) <= LARGEST:
        raise PydanticCustomError("range", "must be a finite number of at most 2^53")
    return value


def make_whole(value: Any) -> Any:
    """A float without a fraction as an integer: JSON has a single number type, so 2025.0 is a whole
    number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def check_text(text: str) -> str:
    """Text that is not empty and has no characters that break displays or databases."""
    if not text.strip():
        raise PydanticCustomError("blank", "must not be empty or blank")
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text):
        raise PydanticCustomError("characters", "must not contain control characters")
    if not text.isascii() and hides_characters(text):
        raise PydanticCustomError(
            "characters", "must not contain invisible characters or marks that turn its direction"
        )
    return text


def hides_characters(text: str) -> bool:
    """Return True if a text looks like another: two names should not look the same."""
    if HIDDEN_TEXT.search(text) or not JOINERS.sub(r"\1\2", text).strip():
        return True
    beside = "".join(letter for pair in JOINERS.findall(text) for letter in pair)
    return any(unicodedata.name(letter, "").startswith(BROAD_SCRIPTS) for letter in beside)


@dataclass(frozen=True)
class Within(GroupedMetadata):
    """Bounds of a Number, validated and included in its JSON Schema."""

    least: int
    most: int

    def __iter__(self) -> Iterator[object]:
        yield Ge(self.least)
        yield Le(self.most)
        yield WithJsonSchema({"type": "number", "minimum": self.least, "maximum": self.most})


Text = Annotated[
    str,
    Field(min_length=1, max_length=500),
    AfterValidator(check_text),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500, "pattern": TEXT_PATTERN}),
]
Number = Annotated[int | float, PlainValidator(check_number), WithJsonSchema({"type": "number"})]
# Bounds next to the int: behind a validator, pydantic writes them into its JSON Schema by names that it does not have.
Count = Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(make_whole)]
Day = Annotated[str, AfterValidator(check_date), WithJsonSchema(DATE_SCHEMA)]
Digits = Annotated[int, Field(ge=0, le=10), BeforeValidator(make_whole)]
Year = Annotated[int, Field(ge=0, le=9999), BeforeValidator(make_whole)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Alpha2 = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Alpha3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Alpha4 = Annotated[str, Field(pattern=r"^[A-Z]{4}$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}([A-Z]{2})?$")]
Numeric = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
CallingCode = Annotated[str, Field(pattern=r"^\+[0-9]{1,15}$")]
TopLevelDomain = Annotated[str, Field(pattern=r"^\.[^\s.\x00-\x1f\x7f-\x9f]+$", max_length=64)]
LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{3}$")]
SubdivisionCode = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
GroupCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$", max_length=40)]
CountryKey = Annotated[str, Field(pattern=r"^([A-Z]{2}|[A-Z]{4}|[1-9][0-9]{0,17})$")]
FigureYear = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
Share = Annotated[Number, Within(0, 100)]
Measured = Annotated[Number, Within(-LARGEST, LARGEST)]
BY_YEAR = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1000,
    "propertyNames": {"pattern": r"^[0-9]{4}$"},
    "additionalProperties": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
}
"""Numbers by year for JSON Schema: generators of clients know nothing of `patternProperties`."""
IndicatorCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]
WikidataItem = Annotated[str, Field(pattern=r"^Q[1-9][0-9]*$", max_length=20)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s\x00-\x1f\x7f-\x9f]+$", max_length=500)]
OwnName = Annotated[str, Field(pattern=OWN_NAME, max_length=100)]
Latitude = Annotated[Number, Within(-90, 90)]
Longitude = Annotated[Number, Within(-180, 180)]
