"""`import terrafirma`: the register from Python answers as the API does."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import terrafirma
from terrafirma.commands.main import main
from terrafirma.config import Settings
from terrafirma.errors import ConfigurationError
from terrafirma.factory import create_app
from terrafirma.library import Register
from tests.conftest import close_app


@pytest.fixture(scope="module")
def folder(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the world in it."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copyfile(world_file, folder / "register.sqlite")
    return folder


@pytest.fixture(scope="module")
def world(folder: Path) -> Register:
    with terrafirma.open(folder) as register:
        yield register


def test_a_country_has_its_fields_as_attributes_and_members(world):
    thailand = world["TH"]
    assert (thailand.capital, thailand["alpha3"], thailand.sovereign) == ("Bangkok", "THA", None)
    assert repr(thailand) == "<country TH: Thailand>"
    assert world[thailand.id] == world["tha"] == thailand
    with pytest.raises(AttributeError, match="no field 'captial'"):
        _ = thailand.captial


def test_an_unknown_key_is_a_key_error(world):
    with pytest.raises(KeyError, match="QQ"):
        _ = world["QQ"]
    assert world.get("QQ") is None


def test_days_select_facts(world):
    codes = {
        day: [each["code"] for each in world.on(day)["BG"].currencies]
        for day in ("2025-12-31", "2026-01-01")
    }
    assert codes == {"2025-12-31": ["BGN"], "2026-01-01": ["EUR"]}
    assert world.on("1990-01-01")["DD"].name == "East Germany"


def test_lists_equal_those_of_the_api(world, folder, tmp_path):
    address = f"sqlite:///{(folder / 'register.sqlite').as_posix()}"
    app = create_app(Settings(data=tmp_path, database_url=address, log="none"))
    query = "region=Asia&region=Europe&area[gte]=300000&sort=-population,name&fields=*"
    asked = app.test_client().get(f"/countries?{query}").json
    close_app(app)
    found = world.countries(
        {"area[gte]": 300_000}, region=["Asia", "Europe"], sort="-population,name"
    )
    assert [dict(record) for record in found] == asked
    assert len(found) > 10


@pytest.mark.parametrize("where", [{"regoin": "Asia"}, {"area[over]": 5}, {"": 1}])
def test_an_unknown_filter_is_a_value_error(world, where):
    with pytest.raises(ValueError, match=r"no field|no operator"):
        world.countries(where)
    with pytest.raises(ValueError, match="no field"):
        world.countries(sort="-regoin")


def test_groups_have_members_on_a_day(world):
    union = world.groups["EU"]
    assert len(union.members(on="2019-12-31")) == 28
    assert len(union.members(on="2020-02-01")) == 27
    assert [each.code for each in world["CH"].related("subdivisions")][:2] == ["CH-AG", "CH-AI"]


def test_names_resolve_or_are_refused(world):
    assert world.resolve("Cote d'Ivoire").alpha2 == "CI"
    assert world.resolve("Congo") is None
    assert world.match("Congo").outcome == "ambiguous"
    assert world.resolve("California", "subdivision").code == "US-CA"


def test_records_become_tables(world):
    table = world.countries(region="Oceania").to_arrow()
    assert table.num_rows == len(world.countries(region="Oceania"))
    assert "NA" in world.countries().to_arrow().column("alpha2").to_pylist()


def test_a_register_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no register"):
        terrafirma.open(tmp_path)


def test_the_shipped_world_cannot_be_written():
    with terrafirma.open() as world:
        database = world._session.database
        with (
            pytest.raises(Exception, match=r"read-only|readonly"),
            database.writing() as connection,
        ):
            connection.exec_driver_sql("DELETE FROM entries")
        assert world["EG"].capital == "Cairo"


def test_importing_the_package_imports_no_other():
    code = "import terrafirma, sys; print('sqlalchemy' in sys.modules, 'flask' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]


def run(*arguments: str, data: Path):
    return CliRunner().invoke(main, [*arguments, "--data", str(data)])


def test_the_shell_reads_records(folder):
    data = folder
    one = run("get", "BG", "--json", "--on", "2025-12-31", "--fields", "name,currencies", data=data)
    assert json.loads(one.output) == {
        "currencies": [{"code": "BGN", "name": "Bulgarian Lev", "symbol": "лв."}],
        "name": "Bulgaria",
    }
    rows = run("list", "countries", "region=Oceania", "sort=-population", "--csv",
               "--fields", "alpha2,population", "--limit", "1", data=data)  # fmt: skip
    assert rows.output.splitlines()[0] == "alpha2,population"
    assert rows.output.splitlines()[1].startswith("AU,")
    assert "South Korea" in run("find", "Korea, Republic of", data=data).output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("get", "QQ"), 1, "No record of countries"),
        (("list", "cuntries"), 1, 'did you mean "countries"'),
        (("list", "countries", "region"), 1, "is not a filter"),
        (("list", "countries", "regoin=Asia"), 1, 'did you mean "region"'),
        (("find", "Congo"), 1, "ambiguous"),
    ],
)
def test_the_shell_refuses_with_a_sentence(folder, arguments, code, words):
    ran = run(*arguments, data=folder)
    assert ran.exit_code == code
    assert words in ran.output
    assert "Traceback" not in ran.output
