"""`/resolve`: the record that a name, code or misspelling means, or candidates."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from flask import Response, request
from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from terrafirma.errors import Detail, Invalid, Malformed, TooLarge
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_choice, read_day, read_whole
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import reply_json
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.languages import OWN, canonical
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.register.model.request_models import read_part
from terrafirma.register.model.values import Alpha2, Day, LanguageTag, first_day
from terrafirma.register.resolve.answers import Candidate, Match, Matched, Question
from terrafirma.register.resolve.resolver import ALIASES, Resolver, canonical_kind
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head

door = Door("resolve")

QUERY = ("resolved_text", "resolved_kind", "on", "lang", "resolved_country", "candidates")
DEFAULTS = QUERY[1:]

LONGEST = 10_000
"""Characters of a text; more is a mistake in the request."""

WAY_OUT = "Send the texts in parts, or resolve a file: terrafirma resolve FILE."

FEW, MANY = 5, 50
"""Candidates of an answer, and the most that can be asked for."""


def check_kind(word: str) -> str:
    """A word for a kind of records with names."""
    if word not in ALIASES:
        raise PydanticCustomError("choice", f"must be one of {', '.join(ALIASES)}")
    return word


Kinds = Annotated[
    str, AfterValidator(check_kind), WithJsonSchema({"type": "string", "enum": list(ALIASES)})
]


class ResolveItem(StrictModel):
    """A text to resolve."""

    q: str = Field(max_length=LONGEST, description="A name, code or flag in any language.")
    kind: Kinds = fact("The kind of record; without it, that of the query.")
    on: Day = fact("The day whose records and codes are meant.")
    lang: LanguageTag = fact("The language that the text is probably in.")
    country: Alpha2 = fact("The country of a subdivision.")
    limit: int = fact("The most candidates.", ge=0, le=MANY)


class MatchedName(StrictModel):
    """The name or code that the text matched."""

    text: str
    field: str = Field(
        description="The field it stands in; `names`: a translation; `aliases`: a further name."
    )
    language: str = fact("Its language, where that is known.")
    how: Literal["exact", "normalised", "reordered", "fuzzy", "code"]


class ResolveCandidate(StrictModel):
    """A record that the text may mean."""

    record: dict[str, Any] = Field(description="Its id, codes and name, as of the day asked for.")
    score: float
    matched: MatchedName


class Resolution(StrictModel):
    """The meaning of a text."""

    query: str
    outcome: Literal["matched", "ambiguous", "none"]
    kind: str
    score: float = Field(description="From 0 to 1; 0 unless the outcome is `matched`.", ge=0, le=1)
    record: dict[str, Any] = fact("The record that matched.")
    matched: MatchedName = fact("The name or code that matched.")
    candidates: list[ResolveCandidate] = Field(
        description="Other records that may be meant, the likeliest first."
    )
    suggestion: str = fact("Why nothing matched, where that is known.")


@door.route("GET", "/resolve", Access.READ, QUERY, gives=Resolution)
def resolve_text() -> Response:
    """Return the record that a text means. A text that could mean several is `ambiguous`; the
    server does not guess."""
    text = request.args.get("q")
    if text is None:
        raise Malformed("q must be given: the name or code to resolve.")
    kind, question = read_question()
    with reading() as connection:
        mark = read_head(connection).mark
        match = open_matches(connection, kind, question).match(text)
    return reply_json(show_match(match), mark=mark)


@door.route(
    "POST", "/resolve", Access.READ, DEFAULTS, takes=list[str | ResolveItem], gives=list[Resolution]
)
def resolve_texts() -> Response:
    """Return the meanings of many texts in order. The query gives defaults for items."""
    try:
        body = read_json()
    except TooLarge as refusal:
        raise TooLarge(f"{refusal.sentence} {WAY_OUT}") from None
    if not isinstance(body, list):
        raise Invalid("The body must be an array of texts or objects.")
    kind, question = read_question()
    asked = [read_item(item, place, kind, question) for place, item in enumerate(body)]
    with reading() as connection:
        finders: dict[tuple[str, Question], Any] = {}
        answers = []
        for text, item_kind, item_question in asked:
            key = (item_kind, item_question)
            if key not in finders:
                finders[key] = open_matches(connection, item_kind, item_question)
            answers.append(show_match(finders[key].match(text)))
    return reply_json(answers)


def open_matches(connection: Connection, kind: str, question: Question) -> Any:
    """Return the finder of this app's register."""
    resolver: Resolver = state().resolver
    return resolver.open_finder(connection, kind, question)


def read_question() -> tuple[str, Question]:
    """The kind and the question of the query."""
    kind = canonical_kind(read_choice("resolved_kind") or COUNTRY.name)
    languages = list_languages(request.args.get("lang"))
    limit = read_whole("candidates", MANY, FEW)
    return kind, Question(today(), read_day("on"), languages, read_country(), limit)


def read_country() -> str | None:
    """`country` as an alpha-2 code."""
    text = request.args.get("country")
    if text is not None and not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise Malformed(f'country must be an alpha-2 code such as US, not "{text[:80]}".')
    return text.upper() if text else None


def list_languages(text: str | None) -> tuple[str, ...]:
    """The locales that a language tag means, nearest first."""
    if text is None:
        return ()
    tag = canonical(text)
    if tag is None:
        raise Malformed(
            f'lang must be a language tag (BCP 47) such as de or zh-Hant, not "{text[:80]}".'
        )
    locales = state().locales
    return (tag, *locales.chain(locales.find(tag) or OWN))


def read_item(item: Any, place: int, kind: str, question: Question) -> tuple[str, str, Question]:
    """A text of the body with its kind and question."""
    asked = check_item({"q": item} if isinstance(item, str) else item, place)
    item_question = Question(
        question.today,
        first_day(asked.on) if asked.on else question.on,
        list_languages(asked.lang) if asked.lang else question.languages,
        asked.country or question.within,
        asked.limit if "limit" in asked.model_fields_set else question.limit,
    )
    return asked.q, canonical_kind(asked.kind or kind), item_question


def check_item(item: Any, place: int) -> ResolveItem:
    """An item of the body. Raise Invalid, naming its place, for a bad one."""
    try:
        return read_part(ResolveItem, item, "item")
    except Invalid as error:
        found = [Detail(f"{place}.{each.field}", each.message, each.code) for each in error.details]
        found = found or [Detail(str(place), "must be a text or an object", "type")]
        raise Invalid("The body is not valid.", found) from None


def show_match(match: Match) -> dict[str, Any]:
    """A match as the API shows it."""
    shown: dict[str, Any] = {
        "query": match.query,
        "outcome": match.outcome,
        "kind": match.kind,
        "score": match.score,
        "candidates": [show_candidate(each) for each in match.candidates],
    }
    if match.record is not None and match.matched is not None:
        shown |= {"record": match.record, "matched": show_matched(match.matched)}
    if match.suggestion is not None:
        shown["suggestion"] = match.suggestion
    return shown


def show_candidate(candidate: Candidate) -> dict[str, Any]:
    """A candidate as the API shows it."""
    return {
        "record": candidate.record,
        "score": candidate.score,
        "matched": show_matched(candidate.matched),
    }


def show_matched(matched: Matched) -> dict[str, Any]:
    """The name or code that matched, without unknown members."""
    return {name: value for name, value in asdict(matched).items() if value is not None}
