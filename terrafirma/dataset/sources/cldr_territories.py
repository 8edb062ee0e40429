"""Unicode CLDR's supplemental data about territories."""

from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims
from terrafirma.dataset.timelines import TenderFacts, build_periods, chain_successors

PACKAGE = "cldr-core"

DAYS = {
    "mon": "monday",
    "tue": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}


def read_territories(inputs: Inputs, codes: list[str], dual_tender: dict[str, list[str]]) -> Claims:
    """Currencies over time, languages, population, first day of the week, UN membership, alpha-3 and numeric."""
    supplemental = {
        name: inputs.read_json(PACKAGE, f"supplemental/{name}.json")["supplemental"]
        for name in (
            "codeMappings",
            "currencyData",
            "territoryContainment",
            "territoryInfo",
            "weekData",
        )
    }
    members = set(supplemental["territoryContainment"]["territoryContainment"]["UN"]["_contains"])
    first_days = supplemental["weekData"]["weekData"]["firstDay"]
    claims: Claims = {}
    for code in codes:
        info = supplemental["territoryInfo"]["territoryInfo"].get(code, {})
        tenders = read_tenders(supplemental["currencyData"]["currencyData"]["region"].get(code, []))
        extras = frozenset(dual_tender.get(code, []))
        claims[code] = {
            "un_member": code in members,
            "first_day_of_week": DAYS[first_days.get(code, first_days["001"])],
            **read_codes(supplemental["codeMappings"]["codeMappings"].get(code, {})),
            **read_population(info),
            **read_languages(info),
            **(
                {"dated.currencies": periods}
                if (periods := build_periods(tenders, extras, "cldr"))
                else {}
            ),
        }
    return claims


def read_codes(mapping: dict[str, str]) -> dict[str, str]:
    """Alpha-3 and numeric, to compare; those CLDR made up for its own use begin with X or 9."""
    alpha3, numeric = mapping.get("_alpha3", "X"), mapping.get("_numeric", "9")
    return {
        field: value
        for field, value, made_up in (("alpha3", alpha3, "X"), ("numeric", numeric, "9"))
        if not value.startswith(made_up)
    }


def read_population(info: dict[str, Any]) -> dict[str, int]:
    """The population, rounded and undated as in CLDR; zero is left out."""
    population = int(info.get("_population", "0"))
    return {"population": population} if population else {}


def read_tenders(rows: list[dict[str, dict[str, str]]]) -> list[TenderFacts]:
    """The currencies that are or were legal tender; payment instruments that are not are left out."""
    return [
        TenderFacts(code, period["_from"], period.get("_to"))
        for row in rows
        for code, period in row.items()
        if period.get("_tender") != "false" and "_from" in period
    ]


def read_currency_days(
    inputs: Inputs, dual_tender: dict[str, list[str]]
) -> dict[str, dict[str, str]]:
    """{code: {from, to?}}: the first day as legal tender anywhere, and for past currencies the end
    of the last use.

    The end is the day its successor came, as in the countries' timelines; without a direct
    successor, CLDR's last day.
    """
    regions = inputs.read_json(PACKAGE, "supplemental/currencyData.json")["supplemental"][
        "currencyData"
    ]["region"]
    uses, followed = [], []
    for region, rows in regions.items():
        tenders = read_tenders(rows)
        uses += tenders
        followed += chain_successors(
            [tender for tender in tenders if tender.code not in dual_tender.get(region, [])]
        )
    days = {}
    for code in sorted({tender.code for tender in uses}):
        ends = [tender.end for tender in uses if tender.code == code]
        known = [tender.end for tender in followed if tender.code == code]
        days[code] = {"from": min(tender.start for tender in uses if tender.code == code)}
        if None not in ends:
            days[code]["to"] = max(end for end in known or ends if end)
    return days


def read_languages(info: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Languages with a status by law or in fact: [{code, official}].

    Languages of the whole country come first, each group in the order of its speakers.

    A language in two scripts is listed once, by its bare tag, if CLDR has that too.
    """
    statuses = read_statuses(info)
    languages = [
        {"code": tag, "official": status != "official_regional"}
        for tag, status in sorted(statuses.items())
        if tag.partition("-")[0] not in statuses or "-" not in tag
    ]
    shares = {
        tag.replace("_", "-"): float(each["_populationPercent"])
        for tag, each in spoken_in(info).items()
    }
    languages.sort(
        key=lambda language: (
            not language["official"],
            -shares[str(language["code"])],
            language["code"],
        )
    )
    return {"languages": languages} if languages else {}


def read_official_tags(inputs: Inputs, codes: list[str]) -> dict[str, set[str]]:
    """The tags of the official languages, some with a script: {"RS": {"sr", "sr-Latn"}}."""
    info = inputs.read_json(PACKAGE, "supplemental/territoryInfo.json")["supplemental"][
        "territoryInfo"
    ]
    statuses = {code: read_statuses(info.get(code, {})) for code in codes}
    return {
        code: {tag for tag, status in found.items() if status != "official_regional"}
        for code, found in statuses.items()
    }


def read_statuses(info: dict[str, Any]) -> dict[str, str]:
    """{BCP 47 tag: "official", "de_facto_official" or "official_regional"} of the languages that have a status."""
    return {
        tag.replace("_", "-"): entry["_officialStatus"]
        for tag, entry in spoken_in(info).items()
        if "_officialStatus" in entry
    }


def spoken_in(info: dict[str, Any]) -> dict[str, dict[str, str]]:
    """CLDR's data on the languages of a territory, by its tags: `zh_Hant`."""
    spoken: dict[str, dict[str, str]] = info.get("languagePopulation", {})
    return spoken
