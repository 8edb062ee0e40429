"""`/v3.1/openapi.json`: the description of versions 3.1, 3 and 2, made from their searches. Pure."""

from collections.abc import Iterable
from typing import Any

from terrafirma.restcountries.versions import ApiVersion

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": ["boolean", "null"]}
NUMBER: Schema = {"type": ["number", "null"]}
COUNT: Schema = {"type": ["integer", "null"]}
TEXTS: Schema = {"type": "array", "items": TEXT}
POINT: Schema = {"type": "array", "items": {"type": "number"}, "maxItems": 2}


def shape(**members: Schema) -> Schema:
    """An object whose members may be absent."""
    return {"type": "object", "properties": members}


def keyed(item: Schema) -> Schema:
    """An object whose keys are codes."""
    return {"type": "object", "additionalProperties": item}


def refer(name: str) -> Schema:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


NAME = shape(official=TEXT, common=TEXT)
PICTURE = shape(png=TEXT, svg=TEXT)
V31: dict[str, Schema] = {
    "name": shape(common=TEXT, official=TEXT, nativeName=keyed(refer("Name"))),
    **dict.fromkeys(("cca2", "ccn3", "cca3", "cioc", "status", "region", "subregion", "flag", "fifa"), TEXT),
    **dict.fromkeys(("tld", "capital", "altSpellings", "borders", "timezones", "continents"), TEXTS),
    **dict.fromkeys(("independent", "unMember", "landlocked"), FLAG),
    "currencies": keyed(shape(name=TEXT, symbol=TEXT)),
    "idd": shape(root=TEXT, suffixes=TEXTS),
    "languages": keyed(TEXT),
    "translations": keyed(refer("Name")),
    "latlng": POINT,
    "area": NUMBER,
    "population": COUNT,
    "demonyms": keyed(shape(f=TEXT, m=TEXT)),
    "maps": shape(googleMaps=TEXT, openStreetMaps=TEXT),
    "gini": keyed({"type": "number"}),
    "car": shape(signs=TEXTS, side={"enum": ["left", "right", None]}),
    "flags": shape(png=TEXT, svg=TEXT, alt=TEXT),
    "coatOfArms": PICTURE,
    "startOfWeek": {"type": ["string", "null"]},
    "capitalInfo": shape(latlng=POINT),
    "postalCode": shape(format={"type": ["string", "null"]}, regex={"type": ["string", "null"]}),
}  # fmt: skip
LANGUAGE = shape(iso639_1=TEXT, iso639_2=TEXT, name=TEXT, nativeName=TEXT)
BLOC = shape(acronym=TEXT, name=TEXT, otherAcronyms=TEXTS, otherNames=TEXTS)
V2: dict[str, Schema] = {
    **dict.fromkeys(
        ("name", "alpha2Code", "alpha3Code", "capital", "region", "subregion", "demonym", "nativeName",
         "numericCode", "flag", "cioc"), TEXT,
    ),
    **dict.fromkeys(("topLevelDomain", "callingCodes", "altSpellings", "timezones", "borders"), TEXTS),
    "population": COUNT,
    "latlng": POINT,
    "area": NUMBER,
    "gini": NUMBER,
    "flags": PICTURE,
    "currencies": {"type": "array", "items": shape(code=TEXT, name=TEXT, symbol=TEXT)},
    "languages": {"type": "array", "items": LANGUAGE},
    "translations": keyed(TEXT),
    "regionalBlocs": {"type": "array", "items": BLOC},
    "independent": FLAG,
}  # fmt: skip
SCHEMAS: dict[str, Schema] = {
    "Name": NAME,
    "Country": shape(**V31),
    "CountryV3": shape(**V31 | {"flags": TEXTS}),
    "CountryV2": shape(**V2),
    "Error": shape(message=TEXT, status={"type": "integer"}),
}
RECORDS = {"v3.1": "Country", "v3": "CountryV3", "v2": "CountryV2"}
"""The schema of a version's records, by the version's name."""

FIELDS = "Names of top-level fields with commas between them. Unknown names are ignored."
PARAMETERS: dict[str, tuple[str, Schema]] = {
    "fields": (FIELDS, TEXT),
    "on": ("The day of the facts; today by default.", {"type": "string", "format": "date"}),
    "as_of": ("The entry of the log whose state is read.", {"type": "integer", "minimum": 1}),
    "codes": ("Codes with commas between them.", TEXT),
    "fullText": ("True if the text is a whole name.", {"type": "boolean", "default": False}),
    "status": (
        "False for the countries that are not independent.",
        {"type": "boolean", "default": True},
    ),
}
EVERYWHERE = ("fields", "on", "as_of")
REFUSALS = {
    "400": "A malformed request.",
    "401": "An invalid key.",
    "404": "No country matches.",
    "413": "A request that is too long.",
    "429": "Too many requests.",
    "503": "The server is overloaded.",
}


def describe(versions: Iterable[ApiVersion], root: str, release: str) -> dict[str, Any]:
    """The complete description, for the address of a server."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "REST Countries, as Terrafirma answers it",
            "version": release,
            "description": "Without `fields`, empty values are absent. With `on`, values unknown of that day are null.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root}],
        "paths": {
            address: {"get": operation}
            for version in versions
            for address, operation in describe_version(version).items()
        },
        "security": [{}, {"key": []}],
        "components": {
            "schemas": SCHEMAS,
            "responses": {"Refusal": describe_refusal()},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key, where reading takes one.",
                }
            },
        },
    }


def describe_version(version: ApiVersion) -> dict[str, Any]:
    """The operations of a version by their addresses."""
    record = refer(RECORDS[version.name])
    several = {"type": "array", "items": record}
    single = record if version.bare else {"oneOf": [several, record]}
    base = f"/{version.name}"
    found = {
        f"{base}/all": operate(version, "all", "Every country.", several),
        f"{base}/alpha/{{code}}": operate(
            version,
            "alpha",
            "The country with a code; an object with `fields`.",
            single,
            text="code",
        ),
        f"{base}/alpha": operate(
            version, "codes", "The countries with any of the codes.", several, ("codes",)
        ),
    }
    if version.tells_independence:
        found[f"{base}/independent"] = operate(
            version, "independent", "Independent countries, or the others.", several, ("status",)
        )
    for word in version.searches:
        own = ("fullText",) if word == "name" else ()
        summary = f"The countries that a text finds by `{word}`."
        found[f"{base}/{word}/{{text}}"] = operate(
            version, word, summary, several, own, text="text"
        )
    return found


def operate(
    version: ApiVersion,
    word: str,
    summary: str,
    schema: Schema,
    own: Iterable[str] = (),
    *,
    text: str = "",
) -> dict[str, Any]:
    """An operation: its parameters and answers. `text` names the part of its address that varies."""
    varying = {"name": text, "in": "path", "required": True, "schema": TEXT}
    content = {"application/json": {"schema": schema}}
    refusals = {status: {"$ref": "#/components/responses/Refusal"} for status in REFUSALS}
    return {
        "operationId": f"{word}_{version.name.replace('.', '_')}",
        "summary": summary,
        "tags": [version.name],
        "parameters": [
            *([varying] if text else []),
            *(describe_parameter(name) for name in (*own, *EVERYWHERE)),
        ],
        "responses": {"200": {"description": summary, "content": content}} | refusals,
    }


def describe_parameter(name: str) -> dict[str, Any]:
    """A query parameter."""
    description, schema = PARAMETERS[name]
    return {
        "name": name,
        "in": "query",
        "required": name == "codes",
        "description": description,
        "schema": schema,
    }


def describe_refusal() -> dict[str, Any]:
    """An error, whatever its status."""
    content = {"application/json": {"schema": refer("Error")}}
    statuses = " ".join(f"{status}: {reason}" for status, reason in REFUSALS.items())
    return {"description": statuses, "content": content}
