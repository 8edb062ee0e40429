"""ISO 3166-1 as three packages have it: codes, English short names and status."""

import ast
import re

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims


def read_iso3166(inputs: Inputs) -> Claims:
    """Alpha-2, alpha-3 and numeric of the 249, with Kosovo's user-assigned alpha-3, and the short names."""
    tree = ast.parse(inputs.read_text("iso3166", "iso3166/__init__.py"))
    claims: Claims = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "Country"
        ):
            name, alpha2, alpha3, numeric = (
                ast.literal_eval(argument) for argument in node.args[:4]
            )
            claims[alpha2] = {
                "alpha2": alpha2,
                "alpha3": alpha3,
                "numeric": numeric,
                "iso_name": name,
            }
    # The package gives Kosovo a number and a name that ISO does not.
    del claims["XK"]["numeric"], claims["XK"]["iso_name"]
    return claims


def read_django_countries(inputs: Inputs) -> Claims:
    """The English short names as ISO's own browsing platform writes them, the codes, and the Olympic committees'."""
    text = inputs.read_text("django-countries", "django_countries/data.py")
    claims: Claims = {
        code: {"iso_name": ast.literal_eval(name)}
        for code, name in re.findall(r'^    "([A-Z]{2})": _\((".*")\),$', text, re.MULTILINE)
    }
    for code, alpha3, numeric in re.findall(
        r'^    "([A-Z]{2})": \("([A-Z]{3})", (\d+)\),$', text, re.MULTILINE
    ):
        claims[code] |= {"alpha3": alpha3, "numeric": f"{int(numeric):03}"}
    # Behind the present codes stand historical ones.
    committees = inputs.read_text("django-countries", "django_countries/ioc_data.py").partition(
        "\n}"
    )[0]
    for cioc, code in re.findall(r'^    "([A-Z]{3})": "([A-Z]{2})",$', committees, re.MULTILINE):
        claims.setdefault(code, {})["cioc"] = cioc
    return claims


def read_former(inputs: Inputs) -> Claims:
    """ISO 3166-3, by alpha-4: the codes and names withdrawn, and the countries that came after.

    A country that only changed its name has ``renamed``: its alpha-2 code today.
    """
    text = inputs.read_text("iso-3166", "3.js")
    entries = re.findall(
        r"alpha4: '(\w{4})',\s+type: '(\w+)',\s+from: (\{.*?\}),\s+to: \[(.*?)\n    \]",
        text,
        re.DOTALL,
    )
    found = {alpha4: (type, read_members(before), after) for alpha4, type, before, after in entries}
    alpha4s = {before["alpha3"]: alpha4 for alpha4, (_, before, _) in found.items()}
    claims: Claims = {}
    for alpha4, (type, before, after) in found.items():
        followers = [read_members(member) for member in re.findall(r"\{.*?\}", after, re.DOTALL)]
        gone = [each for each in followers if each["state"] == "formerly-assigned"]
        codes = sorted(
            alpha4s[each["alpha3"]] if each in gone else each["alpha2"] for each in followers
        )
        claims[alpha4] = {
            name: before[name] for name in ("alpha2", "alpha3", "numeric", "name") if name in before
        }
        claims[alpha4] |= {"alpha4": alpha4, "iso_name": before["name"], "status": "former"}
        claims[alpha4] |= (
            {"renamed": codes[0]} if type == "change" and not gone else {"successors": codes}
        )
    return claims


def read_members(text: str) -> dict[str, str]:
    """The members of a flat object of strings, as JavaScript writes it."""
    return dict(re.findall(r"(\w+): '([^']*)'", text))


def read_iso_3166(inputs: Inputs) -> Claims:
    """The status and codes of the officially assigned countries."""
    text = inputs.read_text("iso-3166", "1.js")
    entry = r"state: '(\w+)',\s+alpha2: '(\w\w)',\s+alpha3: '(\w{3})',\s+numeric: '(\d{3})'"
    return {
        alpha2: {"status": state, "alpha3": alpha3, "numeric": numeric}
        for state, alpha2, alpha3, numeric in re.findall(entry, text)
    }
