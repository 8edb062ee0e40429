"""Every kind of record and every field, declared once: type, unit, meaning.

Request validation, stored documents, list fields and the documentation all follow from these
declarations.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from terrafirma.register.model.strict_json import LARGEST
from terrafirma.register.model.values import (
    BY_YEAR,
    Alpha2,
    Alpha3,
    Alpha4,
    CallingCode,
    Count,
    CountryCode,
    CountryKey,
    CurrencyCode,
    Day,
    Digits,
    FigureYear,
    GroupCode,
    IndicatorCode,
    LanguageCode,
    LanguageTag,
    Latitude,
    Longitude,
    Measured,
    Number,
    Numeric,
    OwnName,
    Share,
    SubdivisionCode,
    Text,
    TopLevelDomain,
    WebAddress,
    Weekday,
    WikidataItem,
    Within,
    Year,
)

Document = dict[str, Any]
"""A record's JSON object."""

ServerMade = Any
"""Set by the server; accepted and ignored in a body, so that a GET can be sent back as a PUT."""


class StrictModel(BaseModel):
    """Strict and closed: no conversion, no unknown members."""

    model_config = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, populate_by_name=False
    )


def made(meaning: str, type: str = "string") -> Any:
    """A field that the server makes: its meaning, and its type in answers."""
    schema: dict[str, Any] = {"type": type, "readOnly": True}
    if type == "array":
        schema["items"] = {"type": "string"}
    return Field(default=None, exclude=True, description=meaning, json_schema_extra=schema)


def fact(meaning: str, unit: str | None = None, **rules: Any) -> Any:
    """A field that may be absent, but is never null: its meaning, unit and further rules."""
    return Field(
        default=None,
        description=meaning,
        json_schema_extra={"x-unit": unit} if unit else None,
        **rules,
    )


RecordKind = Literal[
    "country", "subdivision", "group", "membership", "figure", "currency", "language", "region"
]
"""Names of the kinds of records that have custom fields."""

LASTING = frozenset(
    {"id", "from", "to", "continents", "latitude", "longitude", "wikidata", "geonames"}
)
"""Fields that hold on every day of a record's life, whenever they were written."""


class NativeName(StrictModel):
    """The country's name in one of its languages."""

    language: LanguageTag
    name: Text
    official_name: Text = fact("Long form in that language.")


class Capital(StrictModel):
    """A seat of government and its roles."""

    name: Text
    roles: list[Text] = Field(description="official, administrative, legislative, judicial …")
    latitude: Latitude = fact("WGS 84.", unit="degrees north")
    longitude: Longitude = fact("WGS 84.", unit="degrees east")


class Tender(StrictModel):
    """A legal tender, by its ISO 4217 code."""

    code: CurrencyCode
    name: ServerMade = made("English name.")
    symbol: ServerMade = made("Sign before or after an amount.")


class SpokenLanguage(StrictModel):
    """A language in official use, by its BCP 47 tag."""

    code: LanguageTag
    official: bool = Field(description="Official in the whole country; false: in a part of it.")
    share: Share = fact("People who speak it, also as a second language.", unit="percent")
    name: ServerMade = made("English name.")


class PostalCode(StrictModel):
    """The format of postal codes."""

    format: Text = fact("# is a digit, @ a letter, | is between alternatives.")
    regex: Text = fact("Anchored regular expression.")


class AddressFormat(StrictModel):
    """The form of postal addresses."""

    lines: list[Text] = Field(description="`{locality} {postal_code}`: fields in their places.")
    required: list[Text] = fact("Fields that no address may lack.")


class Demonym(StrictModel):
    """The name of the inhabitants."""

    language: LanguageTag
    noun: Text = fact("One of the people.")
    adjective: Text = fact("Of the country.")


class Period(StrictModel):
    """A value that holds on `[from, to)`; without a bound, as far back or forward as anyone asks."""

    value: Any
    from_: Day = fact("First day it holds.", alias="from")
    to: Day = fact("First day it no longer holds.")
    source: Text = fact("Who says so.")


class RecordModel(StrictModel):
    """Fields of every kind of record. Absent facts are absent keys."""

    id: ServerMade = made("Given by this server, never again.", type="integer")
    from_: Day = fact("First day it exists.", alias="from")
    to: Day = fact("First day it no longer exists.")
    extra: dict[str, Any] = fact("The user's own attributes.")
    dated: dict[str, list[Period]] = fact("Values that change with time, by field or extra.name.")
    known_from: dict[str, Day] = fact(
        "Since when values without a timeline are known to hold, by field; `*` is any other. Only with `include=dated`."
    )
    undated: ServerMade = made(
        "Fields left out as it is not known that they held on the day asked for.", type="array"
    )
    sources: ServerMade = made("Who says so, by field: only with `include=sources`.", type="object")


class Country(RecordModel):
    """A country or territory."""

    name: Text = Field(description="Common English name.")
    iso_name: Text = fact("English short name in ISO 3166.")
    official_name: Text = fact("English long form.")
    other_names: list[Text] = fact("Further English names: variants and former ones.")
    native_names: list[NativeName] = fact("Names in its own languages.")
    alpha2: Alpha2 = fact("ISO 3166-1 alpha-2 code.")
    alpha3: Alpha3 = fact("ISO 3166-1 alpha-3 code.")
    numeric: Numeric = fact("ISO 3166-1 numeric code, three digits.")
    alpha4: Alpha4 = fact("ISO 3166-3 code of a former country, or of a name and codes given up.")
    cioc: Alpha3 = fact("Code of its National Olympic Committee (IOC).")
    fifa: Alpha3 = fact("Code of its football association (FIFA).")
    status: Literal["assigned", "user-assigned", "former"] = fact(
        "Standing of the codes in ISO 3166."
    )
    withdrawn: Day = fact("When ISO 3166 withdrew the codes.")
    predecessors: list[CountryCode] = fact("Countries it came out of, whole or in part.")
    successors: list[CountryCode] = fact("Countries that came out of it, whole or in part.")
    capital: Text = fact("First of the capitals.")
    capitals: list[Capital] = fact("Capitals and their roles.", min_length=1)
    area: Annotated[Number, Within(0, LARGEST)] = fact("Total area with inland waters.", unit="km²")
    population: Count = fact("Inhabitants.", unit="persons")
    population_year: Year = fact("Year of the population figure.")
    gdp: Annotated[Number, Within(0, LARGEST)] = fact(
        "Gross domestic product at the prices of its year.", unit="US$"
    )
    gdp_year: Year = fact("Year of the GDP.")
    gini: Annotated[Number, Within(0, 100)] = fact("Gini index of income.", unit="0 to 100")
    gini_year: Year = fact("Year of the Gini index.")
    literacy: Share = fact("Adults who can read and write.", unit="percent")
    region: Text = fact("UN M49 region.")
    subregion: Text = fact("UN M49 sub-region.")
    intermediate_region: Text = fact("UN M49 intermediate region.")
    continents: list[Text] = fact("Continents it lies on.")
    latitude: Latitude = fact("Of a central point, WGS 84.", unit="degrees north")
    longitude: Longitude = fact("Of a central point, WGS 84.", unit="degrees east")
    landlocked: bool = fact("Without a coast on the open sea.")
    borders: list[Alpha2] = fact("Land neighbours, alpha-2.")
    timezones: list[Text] = fact("IANA time zones.")
    currencies: list[Tender] = fact("Legal tender, ISO 4217.")
    languages: list[SpokenLanguage] = fact("Official languages, BCP 47.")
    calling_codes: list[CallingCode] = fact("Telephone prefixes, E.164.")
    international_prefix: Text = fact("Dialled before a number abroad.")
    trunk_prefix: Text = fact("Dialled before a number within the country.")
    emergency_numbers: list[Text] = fact("Telephone numbers for emergencies.")
    example_number: CallingCode = fact("A mobile number as an example, E.164.")
    tlds: list[TopLevelDomain] = fact("Country-code top-level domains.")
    driving_side: Literal["left", "right"] = fact("Side of the road.")
    car_sign: Text = fact("Distinguishing sign of vehicles abroad.")
    first_day_of_week: Weekday = fact("Where a calendar's week starts.")
    weekend: list[Weekday] = fact("Days of the weekend.")
    hour_cycle: Literal["h12", "h23"] = fact("Hours of the day: 12 twice, or 0 to 23.")
    measurement_system: Literal["metric", "UK", "US"] = fact("Customary units of measurement.")
    paper_size: Literal["A4", "US-Letter"] = fact("Customary size of paper.")
    default_locale: LanguageTag = fact("Most likely language of the country, BCP 47.")
    postal_code: PostalCode = fact("Shape of postal codes.")
    address_format: AddressFormat = fact("Form of postal addresses.")
    independent: bool = fact("A sovereign state; the policy is documented.")
    un_member: bool = fact("Member state of the United Nations.")
    sovereign: Alpha2 = fact("State it belongs to, alpha-2.")
    demonyms: list[Demonym] = fact("Names of its people.")
    wikidata: WikidataItem = fact("Its item in Wikidata.")
    geonames: Count = fact("Its id in GeoNames.")
    flag: ServerMade = made("Emoji of the alpha-2 code.")


class LocalName(StrictModel):
    """The name of a part of a country in a language that is spoken there."""

    language: LanguageTag
    name: Text


class Subdivision(RecordModel):
    """A part of a country, as ISO 3166-2 divides it."""

    code: SubdivisionCode = Field(description="ISO 3166-2 code.")
    country: Alpha2 = Field(description="Its country, alpha-2.")
    name: Text = Field(description="Common English name.")
    iso_name: Text = fact("Name in ISO 3166-2.")
    local_name: Text = fact("Name in a language of its own.")
    local_names: list[LocalName] = fact(
        "Names in languages of the country that do not use Latin letters."
    )
    type: Text = fact("State, province, municipality …")
    parent: SubdivisionCode = fact("The subdivision it lies in.")
    replaced_by: list[SubdivisionCode] = fact(
        "Subdivisions that its area went to, whole or in part."
    )
    superseded_in_fact: Day = fact(
        "Day on which the country replaced it, although ISO 3166-2 still lists it."
    )
    latitude: Latitude = fact("Of a central point, WGS 84.", unit="degrees north")
    longitude: Longitude = fact("Of a central point, WGS 84.", unit="degrees east")


class Group(RecordModel):
    """A group of countries: an organisation, a union, a sales region or a custom list."""

    code: GroupCode = Field(description="What it is called in addresses and memberships.")
    name: Text = Field(description="English name.")
    type: Text = fact("Military alliance, currency union, forum …")
    headquarters: Text = fact("Its seat.")
    website: WebAddress = fact("Its own site.")


class Membership(RecordModel):
    """The membership of a country in a group over a period; a second period is another record."""

    group: GroupCode = Field(description="Code of the group.")
    country: CountryKey = Field(
        description="The country's alpha-2 code, a former one's alpha-4; without them its id."
    )
    role: Text = fact("What the country is in the group where that is not a full member.")
    source: Text = fact("Who says so.")


class Figure(RecordModel):
    """An indicator of a country, year by year: its population, GDP or Gini index, or one of your own."""

    country: CountryKey = Field(
        description="The country's alpha-2 code, a former one's alpha-4; without them its id."
    )
    indicator: IndicatorCode = Field(description="population, gdp, gini or a name of your own.")
    unit: Text = fact("Unit of the figures.")
    source: Text = fact("Who says so.")
    values: Annotated[dict[FigureYear, Measured], WithJsonSchema(BY_YEAR)] = Field(
        min_length=1, max_length=1000, description='A number a year: `{"2020": 71641484}`.'
    )
    year: ServerMade = made("Year of `value`: the newest, or the one asked for.", "integer")
    value: ServerMade = made("Figure of that year.", "number")


class Currency(RecordModel):
    """A current or former currency."""

    code: CurrencyCode = Field(description="ISO 4217 code.")
    numeric: Numeric = fact("ISO 4217 number, three digits.")
    name: Text = Field(description="English name.")
    symbol: Text = fact("Sign before or after an amount.")
    minor_units: Digits = fact("Digits after the point.")


class Language(RecordModel):
    """A language, or a language in a script."""

    code: LanguageTag = Field(description="BCP 47 tag.")
    alpha3: LanguageCode = fact("ISO 639-3 code.")
    name: Text = Field(description="English name.")
    native_name: Text = fact("Name in the language itself.")


class Region(RecordModel):
    """A region of the world, as the UN's M49 divides it."""

    code: Numeric = Field(description="M49 code, three digits.")
    name: Text = Field(description="English name.")
    type: Text = fact("world, region, subregion or intermediate_region.")
    parent: Numeric = fact("The region it lies in.")


class CustomField(RecordModel):
    """A custom field: what the member `name` of `extra` holds in records of a kind."""

    kind: RecordKind = Field(description="The kind of records that have it.")
    name: OwnName = Field(description="Its name in `extra`.")
    type: Literal["text", "integer", "number", "boolean", "date"] = Field(
        description="What it holds."
    )
    enum: list[Text] = fact("The only texts it may hold.", min_length=1, max_length=1000)
    required: bool = fact("Every record of the kind that has not ended has it.")
    unit: Text = fact("Unit of its numbers.")
    description: Text = fact("What it says.")
