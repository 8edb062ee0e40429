"""What a route declares of itself: method, address, who may call it, which query parameters it knows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask import Flask, Response

View = Callable[..., Response]


class Access(Enum):
    """Who may call a route."""

    READ = "read"
    WRITE = "write"
    OPEN = "open"
    """Anyone, even where reading is closed: health checks."""


@dataclass(frozen=True)
class Contract:
    """A route as its door declares it."""

    method: str
    rule: str
    access: Access
    query: tuple[str, ...]
    view: View
    filtered: bool = False
    """Whether its records can be filtered by their fields."""


class Door:
    """A way in: its routes, each with a contract."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.contracts: dict[str, Contract] = {}

    def route(
        self, method: str, rule: str, access: Access, query: tuple[str, ...] = (), *, filtered: bool = False
    ) -> Callable[[View], View]:
        """Declare a view."""

        def declare(view: View) -> View:
            self.contracts[f"{self.name}.{view.__name__}"] = Contract(method, rule, access, query, view, filtered)
            return view

        return declare

    def mount(self, app: Flask) -> dict[str, Contract]:
        """Add the routes to an app; their contracts by endpoint."""
        for endpoint, contract in self.contracts.items():
            options: dict[str, Any] = {"strict_slashes": False, "methods": [contract.method]}
            app.add_url_rule(contract.rule, endpoint, contract.view, **options)
        return self.contracts
