"""`/reconcile/1.0-draft`: the next version of the Reconciliation Service API, beside 0.2.

It has the same candidates and values. Batches are arrays, a query is a list of conditions, and each
task has an address of its own.
"""

from typing import Any

from flask import Response, request

from terrafirma.api.reconcile import (
    CARD_HEIGHT,
    CARD_WIDTH,
    ON,
    check_length,
    count_candidates,
    describe_authentication,
    extend_data,
    name_service,
    propose_properties,
    reconcile_text,
    suggest_entities,
    suggest_properties,
    suggest_types,
)
from terrafirma.errors import Malformed
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_day
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import reply_json
from terrafirma.register.resolve.entities import (
    QUANTIFIERS,
    EntityRegister,
    Property,
    ask_property,
    describe_entity,
    list_types,
    texts_of,
    type_of,
)

door = Door("reconcile_draft")

DRAFT = "1.0-draft"
ROOT = f"/reconcile/{DRAFT}"

SETTING = {
    "type": ON["type"],
    "id": ON["name"],
    "name": ON["label"],
    "default": ON["default"],
    "helpText": ON["help_text"],
}


@door.route("GET", ROOT, Access.READ, foreign=True)
def show_draft_service() -> Response:
    """Return the manifest."""
    manifest = name_service() | {
        "versions": [DRAFT],
        "view": {"url": f"{request.url_root.rstrip('/')}/reconcile/view?id={{id}}"},
        "defaultTypes": list_types(),
        "suggest": {"entity": True, "type": True, "property": True},
        "preview": {"width": CARD_WIDTH, "height": CARD_HEIGHT},
        "extend": {"proposeProperties": True, "propertySettings": [SETTING]},
    }
    return reply_json(manifest | describe_authentication())


@door.route("POST", f"{ROOT}/match", Access.READ, foreign=True)
def match_queries() -> Response:
    """Return the candidates of each query, in order."""
    body = read_json()
    queries = body.get("queries") if isinstance(body, dict) else None
    if not isinstance(queries, list):
        raise Malformed("The body must be a JSON object with an array `queries`.")
    check_length(queries, "queries")
    on = read_day("on")
    with reading() as connection:
        register = EntityRegister(connection, state().resolver, on)
        results = [{"candidates": match_query(register, query)} for query in queries]
    return reply_json({"results": results})


@door.route("POST", f"{ROOT}/extend", Access.READ, foreign=True)
def extend_entities() -> Response:
    """Return the values of properties of entities, in order."""
    body = read_json()
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object with arrays `ids` and `properties`.")
    found = extend_data(body)
    rows = [
        {"id": id, "properties": [{"id": name, "values": cells} for name, cells in row.items()]}
        for id, row in found["rows"].items()
    ]
    return reply_json({"meta": found["meta"], "rows": rows})


def match_query(register: EntityRegister, query: Any) -> list[dict[str, Any]]:
    """The candidates of a query, the likeliest first."""
    conditions = query.get("conditions") if isinstance(query, dict) else None
    if not isinstance(conditions, list) or not conditions:
        raise Malformed("Each query must be an object with an array `conditions`.")
    for each in conditions:
        check_condition(each)
    named = {kind: list_values(conditions, kind) for kind in ("name", "id")}
    properties = [read_condition(each) for each in conditions if each["matchType"] == "property"]
    if named["id"]:
        found = [find_by_id(register, id) for id in named["id"]]
        return [each for entity in found for each in entity][: count_candidates(query)]
    texts = named["name"] or sorted(properties[0].texts)
    found = [reconcile_text(register, text, query, properties) for text in texts]
    return [each for candidates in found for each in candidates][: count_candidates(query)]


def check_condition(condition: Any) -> None:
    """Malformed for a condition without its members."""
    kinds = ("name", "id", "property")
    sound = isinstance(condition, dict) and condition.get("matchType") in kinds
    if not sound or "propertyValue" not in condition:
        raise Malformed(
            "Each condition must have `matchType` (name, id or property) and `propertyValue`."
        )
    if condition["matchType"] == "property" and not isinstance(condition.get("propertyId"), str):
        raise Malformed("A condition on a property must have a text in `propertyId`.")
    if condition.get("matchQuantifier", "any") not in (*QUANTIFIERS,):
        raise Malformed("`matchQuantifier` must be any, all or none.")


def list_values(conditions: list[dict[str, Any]], kind: str) -> list[str]:
    """The texts of the conditions of a kind."""
    chosen = [each["propertyValue"] for each in conditions if each["matchType"] == kind]
    return [text for value in chosen for text in texts_of(value)]


def read_condition(condition: dict[str, Any]) -> Property:
    """A condition on a property."""
    found = ask_property(condition["propertyId"], condition["propertyValue"])
    return found._replace(
        quantifier=condition.get("matchQuantifier", "any"),
        required=condition.get("required") is True,
    )


def find_by_id(register: EntityRegister, id: str) -> list[dict[str, Any]]:
    """The entity with an id, as a sure candidate; empty without one."""
    entity = register.find_entity(id)
    if entity is None:
        return []
    described = describe_entity(entity.kind, entity.document)
    return [described | {"score": 100.0, "match": True, "type": [type_of(entity.kind)]}]


# These answer alike in both versions.
for task, view in {
    "suggest/entity": suggest_entities,
    "suggest/type": suggest_types,
    "suggest/property": suggest_properties,
    "extend/propose": propose_properties,
}.items():
    door.route("GET", f"{ROOT}/{task}", Access.READ, foreign=True)(view)
