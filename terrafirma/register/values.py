"""The kinds of value a field may hold, each with the rule its error names.

JSON gives no NaN, but Python callers might; every check here is strict: no string becomes a number,
no number a string, and an integer stays the integer it was sent as.
"""

import re
from datetime import date
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

LARGEST = 2**53
"""The largest magnitude a JSON number may have and still be exact in every client."""

PARTIAL_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"

RULES = {
    r"^[A-Z]{2}$": "must be two capital letters A-Z, such as TH",
    r"^[A-Z]{3}$": "must be three capital letters A-Z, such as THA",
    r"^[0-9]{3}$": 'must be three digits in a string, such as "764"',
    r"^\+[0-9]{1,15}$": "must be a plus sign and digits, such as +66",
    r"^\.[^\s.]+$": "must be a top-level domain with its dot, such as .th",
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "must be a BCP 47 language tag, such as th or sr-Latn",
    PARTIAL_DATE: "must be a date: YYYY, YYYY-MM or YYYY-MM-DD",
}
"""What a pattern asks for, in words."""


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
    return text


def check_number(value: Any) -> int | float:
    """A finite JSON number within 2^53, of the type it was sent as."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number", "must be a number")
    if not isfinite(value) or abs(value) > LARGEST:
        raise PydanticCustomError("number", "must be a finite number of at most 2^53")
    return value


def check_text(text: str) -> str:
    """Text with something in it, and nothing a screen or a database would choke on."""
    if not text.strip():
        raise PydanticCustomError("blank", "must not be empty or blank")
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text):
        raise PydanticCustomError("control", "must not contain control characters")
    return text


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(check_text)]
Number = Annotated[int | float, PlainValidator(check_number), WithJsonSchema({"type": "number"})]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Day = Annotated[str, AfterValidator(check_date), WithJsonSchema({"type": "string", "pattern": PARTIAL_DATE})]
Year = Annotated[int, Field(ge=0, le=9999)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Alpha2 = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Alpha3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Numeric = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
CallingCode = Annotated[str, Field(pattern=r"^\+[0-9]{1,15}$")]
TopLevelDomain = Annotated[str, Field(pattern=r"^\.[^\s.]+$", max_length=64)]
LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Latitude = Annotated[Number, Field(ge=-90, le=90)]
Longitude = Annotated[Number, Field(ge=-180, le=180)]
