"""Declarations of routes: method, address, access, query parameters."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, TypedDict, Unpack

from flask import Blueprint, Flask, Response
from werkzeug.routing import BaseConverter, Rule

from terrafirma.http.app.parameters import PARAMETERS, Parameter
from terrafirma.register.model.kinds import Kind

View = Callable[..., Response]


class Access(Enum):
    """Access levels of routes."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    WATCH = "watch"
    """Access with a key, or as the settings allow."""
    OPEN = "open"
    """Anyone, even where reading is closed: health checks, the way in."""


@dataclass(frozen=True)
class Route:
    """A route as its door declares it."""

    method: str
    rule: str
    access: Access
    query: tuple[str, ...]
    """The keys of its query parameters."""
    view: View
    kind: Kind | None = None
    """The kind of records whose fields the parameters may name."""
    keyed: Kind | None = None
    """The kind of the record that its address names, if that is another."""
    filtered: bool = False
    """True if its records can be filtered by fields."""
    takes: Any = None
    """The type of its JSON body, or `((media type, type), ...)`; None: no body."""
    gives: Any = None
    """The type of its JSON answer, or `((media type, type), ...)`; None: no body."""
    statuses: tuple[int, ...] = (200,)
    """Statuses of successful answers."""
    foreign: bool = False
    """True for routes of another service, kept as they were: not described, and unknown parameters
    are ignored."""
    own: tuple[str, ...] | None = None
    """Query parameters of a page that the API does not have. None: unknown parameters are ignored where `foreign`."""
    heeds: tuple[str, ...] = ()
    """Request headers that mean something here only."""

    @cached_property
    def is_page(self) -> bool:
        """True if it answers people, in HTML."""
        return isinstance(self.gives, tuple) and self.gives[0][0].startswith("text/html")

    @cached_property
    def address(self) -> str:
        """The rule in OpenAPI's notation."""
        return re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", self.rule)

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Its query parameters by their names in URLs."""
        return {PARAMETERS[key].name: PARAMETERS[key] for key in self.query}


class AnswerHeaders(TypedDict, total=False):
    """Optional members of a contract, besides its access."""

    kind: Kind
    keyed: Kind
    filtered: bool
    takes: Any
    gives: Any
    statuses: tuple[int, ...]
    foreign: bool
    own: tuple[str, ...]
    heeds: tuple[str, ...]


class KeyConverter(BaseConverter):
    """A record's key in an address, except reserved words."""

    regex = "(?!facets$)[^/]+"
    part_isolating = True


class NumberConverter(BaseConverter):
    """A number in an address, as large as a database holds."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """The number that digits mean."""
        return int(value)


class LazyRule(Rule):
    """A rule that compiles the builder of its addresses when one is first built.

    An app has some two hundred rules and builds addresses for a few; compiling all of them was a
    third of `create_app`.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(LazyRule, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build


class Door:
    """A blueprint whose routes are declared with their contracts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blueprint = Blueprint(name, "terrafirma")
        self.contracts: dict[str, Route] = {}

    def route(
        self,
        method: str,
        rule: str,
        access: Access,
        query: tuple[str, ...] = (),
        **answers: Unpack[AnswerHeaders],
    ) -> Callable[[View], View]:
        """Declare a view, by the fields of its Contract."""

        def declare(view: View) -> View:
            route = Route(method, rule, access, query, view, **answers)
            self.contracts[f"{self.name}.{view.__name__}"] = route
            options: dict[str, Any] = {"strict_slashes": False, "methods": [method]}
            self.blueprint.add_url_rule(rule, view.__name__, view, **options)
            return view

        return declare


def mount(app: Flask, doors: Iterable[Door]) -> dict[str, Route]:
    """Add the routes of doors to an app; their contracts by endpoint."""
    app.url_rule_class = LazyRule
    app.url_map.converters |= {"key": KeyConverter, "number": NumberConverter}
    routes: dict[str, Route] = {}
    for door in doors:
        app.register_blueprint(door.blueprint)
        routes |= door.contracts
    return routes
