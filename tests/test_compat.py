"""`terrafirma.compat.pycountry` answers the calls that programs make of pycountry."""

import pytest

from terrafirma.compat import pycountry


def test_countries_are_iterated_and_have_attributes_and_members():
    assert len(pycountry.countries) == len(list(pycountry.countries)) == 250
    germany = pycountry.countries.get(alpha_2="DE")
    assert (germany.alpha_3, germany.numeric, germany.flag) == ("DEU", "276", "🇩🇪")
    assert germany.official_name == dict(germany)["official_name"] == "Federal Republic of Germany"
    assert repr(germany).startswith("Country(alpha_2='DE', alpha_3='DEU'")
    assert not hasattr(germany, "alpha_4")


@pytest.mark.parametrize(
    "field", [{"alpha_2": "de"}, {"alpha_3": "DEU"}, {"numeric": "276"}, {"name": "Germany"}]
)
def test_a_country_is_found_by_each_field(field):
    assert pycountry.countries.get(**field).alpha_2 == "DE"


def test_what_is_missing_is_none_the_default_or_a_lookup_error():
    assert pycountry.countries.get(alpha_2="QQ") is None
    assert pycountry.countries.get(alpha_2="QQ", default="?") == "?"
    assert pycountry.countries.get(alpha_2="SU") is None
    assert pycountry.countries.get(nonsense="DE") is None
    for call in (pycountry.countries.lookup, pycountry.countries.search_fuzzy):
        with pytest.raises(LookupError):
            call("Atlantis")
    with pytest.raises(TypeError):
        pycountry.countries.get()


def test_lookup_and_fuzzy_search():
    for text in ("de", "DEU", "276", "germany", "Germany, Federal Republic of"):
        assert pycountry.countries.lookup(text).alpha_2 == "DE"
    assert pycountry.countries.search_fuzzy("England")[0].alpha_2 == "GB"
    assert pycountry.countries.search_fuzzy("Cote")[0].alpha_2 == "CI"
    assert {each.alpha_2 for each in pycountry.countries.search_fuzzy("Congo")} == {"CD", "CG"}


def test_former_countries_subdivisions_currencies_and_languages():
    assert pycountry.historic_countries.get(alpha_3="DDR").alpha_4 == "DDDE"
    assert pycountry.historic_countries.get(alpha_2="DE") is None
    bavaria = pycountry.subdivisions.get(code="DE-BY")
    assert (bavaria.name, bavaria.type, bavaria.country_code) == ("Bayern", "Land", "DE")
    assert len(pycountry.subdivisions.get(country_code="DE")) == 16
    assert pycountry.subdivisions.get(code="GB-ABE").parent_code == "GB-SCT"
    assert pycountry.currencies.get(alpha_3="EUR").numeric == "978"
    assert pycountry.currencies.lookup("euro").alpha_3 == "EUR"
    assert pycountry.languages.get(alpha_2="de").alpha_3 == "deu"
