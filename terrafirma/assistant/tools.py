"""Tools for assistants over the Model Context Protocol (MCP): read the register, with sources and days.

The tools read through `library.py`, like `terrafirma get`, `list` and `find`. Answers are plain JSON. Errors are
sentences that name the wrong argument, so that an assistant can correct itself.
"""

from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from typing import Any, TypeVar

from terrafirma.dataset.files import read_file
from terrafirma.dataset.load import read_borders
from terrafirma.deferred import Deferred
from terrafirma.errors import ApiError, Invalid
from terrafirma.library import Collection, Record, Register, find_collection
from terrafirma.register.model.kinds import KINDS, Kind
from terrafirma.register.resolve.answers import Match
from terrafirma.register.resolve.points import Borders
from terrafirma.version import VERSION

mcp = Deferred("mcp.server")
mcp_errors = Deferred("mcp.server.mcpserver.exceptions")
mcp_types = Deferred("mcp_types")

MOST_RECORDS = 250
"""Records in an answer: as many as there are countries."""

INSTRUCTIONS = """\
Facts about countries, their subdivisions, groups, memberships, currencies, languages and regions, each with the days on
which it holds. Ask for a past day with `on` (YYYY-MM-DD). A record's `undated` names fields that are not known for
that day: say so instead of guessing. Find a code with `resolve` before `get` where only a name is given."""

Answer = dict[str, Any]
Tool = TypeVar("Tool", bound=Callable[..., Answer])


class Tools:
    """The tools, over an open register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def resolve(self, text: str, kind: str = "country", on: str = "") -> Answer:
        """Find the record that a name or code means, in any language: "Cote d'Ivoire", "S. Korea", "德国".

        `outcome` is "matched", "ambiguous" (see `candidates`) or "none".
        """
        return write_match(self._on(on).match(text, find_named_kind(kind).name))

    def search(self, text: str, kind: str = "country", limit: int = 10) -> Answer:
        """List the records whose names are nearest to a text, the best first."""
        check_limit(limit)
        found = self._register.match(text, find_named_kind(kind).name, limit=limit)
        own = [write_candidate(found.record, found.score)] if found.record else []
        others = [write_candidate(each.record, each.score) for each in found.candidates]
        return {"records": [*own, *(each for each in others if each not in own)][:limit]}

    def get(self, key: str, kind: str = "countries", on: str = "", fields: str = "") -> Answer:
        """Return a record by id or code, such as TH, THA, TH-10, EUR or EU, as it is on a day.

        `fields` names the fields to return, separated by commas; all without it.
        """
        return pick(self._find(kind, key, on), fields)

    def list(
        self,
        kind: str = "countries",
        filters: dict[str, str | float | bool] | None = None,
        sort: str = "",
        fields: str = "id,alpha2,code,name",
        on: str = "",
        limit: int = 50,
    ) -> Answer:
        """List the records of a kind that match filters, such as {"region": "Asia", "area[gte]": 500000}.

        `sort` names fields, `-` before one for the largest first: "-population,name". `count` is how many match.
        """
        check_limit(limit)
        found = self._collection(kind, on)(filters or {}, sort=sort)
        return {"count": len(found), "records": [pick(each, fields) for each in found[:limit]]}

    def history(self, country: str) -> Answer:
        """Return the timelines of a country: each field's values with their first and last days and sources."""
        self._find("countries", country, "")
        return {"timelines": self._register.history(country)}

    def members(self, group: str, on: str = "") -> Answer:
        """List the countries that are in a group, such as EU or NATO, on a day."""
        record = self._find("groups", group, on)
        return {
            "group": record["name"],
            "members": [pick(each, "alpha2,name") for each in record.members()],
        }

    def point(self, latitude: float, longitude: float) -> Answer:
        """Return the country that a point lies in, in degrees; `country` is null at sea."""
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise Invalid("latitude must be from -90 to 90, longitude from -180 to 180.")
        part = self._borders.locate(longitude, latitude)
        return {
            "country": part.country if part else None,
            "part": part.name if part else None,
        }

    @cached_property
    def _borders(self) -> Borders:
        return read_borders()

    def _on(self, on: str) -> Register:
        return self._register.on(on) if on else self._register

    def _collection(self, kind: str, on: str) -> Collection:
        chosen: Collection = getattr(self._on(on), find_named_kind(kind).plural)
        return chosen

    def _find(self, kind: str, key: str, on: str) -> Record:
        return self._collection(kind, on)[key]


def build_server(register: Register, writing: Iterable[Callable[..., Answer]] = ()) -> Any:
    """An MCP server (`mcp.server.MCPServer`): the tools, those that write, and the dataset's documentation."""
    server = mcp.MCPServer(
        "terrafirma", version=VERSION, instructions=INSTRUCTIONS, log_level="ERROR"
    )
    tools, hints = Tools(register), mcp_types.ToolAnnotations(read_only_hint=True)
    for tool in (
        tools.resolve,
        tools.search,
        tools.get,
        tools.list,
        tools.history,
        tools.members,
        tools.point,
    ):
        server.add_tool(tell_errors(tool), annotations=hints)
    for each in writing:
        server.add_tool(
            tell_errors(each),
            annotations=mcp_types.ToolAnnotations(read_only_hint=False, destructive_hint=True),
        )
    server.resource("terrafirma://fields/{kind}", mime_type="application/json")(describe_fields)
    server.resource("terrafirma://sources", mime_type="application/json")(describe_sources)
    return server


def tell_errors(tool: Tool) -> Tool:
    """Wrap a tool so that a wrong argument is an error with a sentence for the assistant."""

    @wraps(tool)
    def wrapped(*arguments: Any, **named: Any) -> Answer:
        try:
            return tool(*arguments, **named)
        except ApiError as error:
            raise mcp_errors.ToolError(error.sentence) from None
        except (KeyError, ValueError) as error:
            raise mcp_errors.ToolError(str(error.args[0])) from None

    return wrapped  # type: ignore[return-value]


def find_named_kind(name: str) -> Kind:
    """The kind with a name or plural: "country" or "countries". Raise ValueError if it is missing."""
    return KINDS[name] if name in KINDS else find_collection(name)


def check_limit(limit: int) -> None:
    """Raise Invalid for a limit that is not from 1 to MOST_RECORDS."""
    if not 1 <= limit <= MOST_RECORDS:
        raise Invalid(f"limit must be from 1 to {MOST_RECORDS}.")


def pick(record: Record, fields: str) -> Answer:
    """The named fields of a record that it has, and what is not known on its day; all fields without names."""
    names = [name for name in fields.split(",") if name]
    wanted = [*names, "undated"] if names else list(record)
    return {name: record[name] for name in wanted if name in record}


def write_match(found: Match) -> Answer:
    """A match as JSON."""
    answer: Answer = {"outcome": found.outcome, "score": found.score, "record": found.record}
    answer["candidates"] = [write_candidate(each.record, each.score) for each in found.candidates]
    if found.suggestion:
        answer["suggestion"] = found.suggestion
    return answer


def write_candidate(record: Answer, score: float) -> Answer:
    """A record that a text may mean, as JSON."""
    return {**record, "score": round(score, 3)}


def describe_fields(kind: str) -> Answer:
    """The fields of a kind: `{field: description}`."""
    fields = find_named_kind(kind).model.model_fields
    return {field.alias or name: field.description for name, field in fields.items()}


def describe_sources() -> Answer:
    """The sources of the shipped data and their licences."""
    sources: Answer = read_file("sources")
    return sources
