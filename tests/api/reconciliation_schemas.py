"""Shapes of the answers of the Reconciliation Service API 0.2, as JSON Schemas.

Written from the specification, and stricter: members that it does not name are not allowed.
"""

TEXT = {"type": "string"}


def record(required, **members):
    return {
        "type": "object",
        "properties": members,
        "required": required.split(),
        "additionalProperties": False,
    }


def array(items, **more):
    return {"type": "array", "items": items, **more}


URL = {"type": "string", "pattern": "^https?://[^{}]+$"}
WITH_ID = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}.*$"}
NAMED = record("id name", id=TEXT, name=TEXT)
PLACE = record("service_url service_path", service_url=URL, service_path=TEXT)
SETTING = record(
    "type name label",
    type={"enum": ["text"]},
    name=TEXT,
    label=TEXT,
    default=TEXT,
    help_text=TEXT,
)

MANIFEST = record(
    "versions name identifierSpace schemaSpace view preview suggest extend defaultTypes",
    versions=array(TEXT, contains={"const": "0.2"}),
    name=TEXT,
    identifierSpace=URL,
    schemaSpace=URL,
    documentation=URL,
    serviceVersion=TEXT,
    logo=URL,
    view=record("url", url=WITH_ID),
    preview=record(
        "url width height", url=WITH_ID, width={"type": "integer"}, height={"type": "integer"}
    ),
    defaultTypes=array(NAMED, uniqueItems=True),
    suggest=record("entity type property", entity=PLACE, type=PLACE, property=PLACE),
    extend=record("propose_properties", propose_properties=PLACE, property_settings=array(SETTING)),
    authentication=record("type name in", type={"const": "apiKey"}, name=TEXT, **{"in": TEXT}),
)

CANDIDATE = record(
    "id name score match type",
    id=TEXT,
    name=TEXT,
    description=TEXT,
    score={"type": "number", "minimum": 0, "maximum": 100},
    match={"type": "boolean"},
    type=array(NAMED, minItems=1),
)
RESULTS = {
    "type": "object",
    "additionalProperties": record("result", result=array(CANDIDATE)),
}

ENTITIES = record(
    "result",
    result=array(record("id name", id=TEXT, name=TEXT, description=TEXT, notable=array(TEXT))),
)
TYPES = record("result", result=array(NAMED))
PROPERTIES = record("result", result=array(NAMED))
PROPOSAL = record("properties type", properties=array(NAMED), type=TEXT)

CELL = {
    "oneOf": [
        record("str", str=TEXT),
        record("int", int={"type": "integer"}),
        record("float", float={"type": "number"}),
    ]
}
EXTENSION = record(
    "meta rows",
    meta=array(NAMED),
    rows={
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": array(CELL)},
    },
)
