"""Generators of clients: what each makes compiles, and lists, gets, creates and changes countries."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.npm_packages import find_node
from tests.operations.processes import BIN

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow

EXPECTED = {
    "listed": ["India", "China"],
    "got": "Bangkok",
    "changed": ["Fort", 1],
    "refused": 'No country has the id, alpha-2, alpha-3 or alpha-4 code "ZZ".',
}
CODES = {
    "openapi_python_client": "XV",
    "openapi_generator": "XW",
    "openapi_fetch": "XP",
    "hey_api": "XQ",
    "orval": "XR",
    "typescript_fetch": "XS",
}
"""The code of the country that each client creates."""
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A short run is quicker without the second compiler."""
BATCH = {
    "python": {"packageName": "generated", "outputDir": "python"},
    "typescript-fetch": {"outputDir": "typescript-fetch"},
}
PARTS = dict.fromkeys(("apiDocs", "modelDocs", "apiTests", "modelTests"), "false")
ORVAL = """export default { terrafirma: { input: "openapi.json", output: {
  target: "orval/client.ts", client: "fetch", mode: "single", baseUrl: process.env.ADDRESS } } };
"""


def run(folder: Path, *command: object, **environment: str) -> str:
    """Return the output of a command. Fail with all that it said where it fails."""
    ran = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    if ran.returncode:
        pytest.fail(f"{command[:4]}\n{ran.stdout[-8000:]}{ran.stderr[-8000:]}", pytrace=False)
    return ran.stdout


@pytest.fixture
def folder(server: str, tmp_path: Path) -> Path:
    """A folder with the descriptions of the native API and of REST Countries."""
    for path, name in (("/openapi.json", "openapi"), ("/v3.1/openapi.json", "restcountries")):
        with urllib.request.urlopen(server + path) as answer:
            (tmp_path / f"{name}.json").write_bytes(answer.read())
    return tmp_path


@pytest.fixture
def node(folder: Path, packages: Path) -> Callable[..., str]:
    """Run a program of an npm package in the folder of descriptions."""
    (folder / "node_modules").symlink_to(packages)
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(HERE / name, folder)

    def run_node(script: str, *arguments: object, **environment: str) -> str:
        command = [*(find_node() or []), folder / script, *arguments]
        return run(folder, *command, **environment)

    return run_node


def check_client(printed: str, code: str) -> None:
    """Compare what a client printed with what it was to find."""
    found = json.loads(printed.splitlines()[-1])
    assert found == EXPECTED | {"made": [201, f"Land of {code}"]}


def use_python_client(name: str, folder: Path, server: str) -> None:
    """Run the program that uses a generated client."""
    script = shutil.copy(HERE / f"use_{name}.py", folder)
    check_client(run(folder, sys.executable, script, server, CODES[name]), CODES[name])


def use_typescript_clients(names: Iterable[str], folder: Path, node, server: str) -> None:
    """Compile programs that use generated clients, and run each."""
    scripts = [shutil.copy(HERE / f"use_{name}.ts", folder) for name in names]
    node("node_modules/typescript-native/bin/tsc", "-p", ".")
    node(
        "node_modules/esbuild/bin/esbuild", *scripts, "--bundle", "--platform=node", "--format=esm",
        "--outdir=bundled", "--out-extension:.js=.mjs", "--log-level=warning",
    )  # fmt: skip
    for name in names:
        check_client(node(f"bundled/use_{name}.mjs", server, CODES[name]), CODES[name])


@pytest.mark.parametrize("name", ["openapi", "restcountries"])
def test_redocly_finds_nothing(node, name):
    rules = f"--config={HERE / 'redocly.yaml'}"
    told = node(
        "node_modules/@redocly/cli/bin/cli.js", "lint", f"{name}.json", "--format=json", rules
    )
    assert json.loads(told)["problems"] == []


def test_openapi_python_client(folder, server):
    (folder / "plain.json").write_text('{"post_hooks": []}')
    run(
        folder, BIN / "openapi-python-client", "generate", "--path", "openapi.json",
        "--output-path", "generated", "--meta", "none", "--config", "plain.json", "--fail-on-warning",
    )  # fmt: skip
    use_python_client("openapi_python_client", folder, server)


def test_openapi_generator(folder, node, server):
    """Both clients are made by one run of Java, which takes longer to start than to make one more."""
    files = []
    for generator, own in BATCH.items():
        asked = {"generatorName": generator, "inputSpec": "openapi.json", "globalProperties": PARTS}
        files.append(f"config-{generator}.json")
        (folder / files[-1]).write_text(json.dumps(asked | own))
    command = (BIN / "openapi-generator-cli", "batch", "--fail-fast", "--threads", "1", *files)
    run(folder, *command, JAVA_TOOL_OPTIONS=JAVA)
    use_python_client("openapi_generator", folder / "python", server)
    use_typescript_clients(["typescript_fetch"], folder, node, server)


def test_typescript_clients(folder, node, server):
    """All are compiled by one run of the compiler."""
    (folder / "orval.config.mjs").write_text(ORVAL)
    schema = "openapi-typescript/schema.d.ts"
    node("node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", schema)
    node("node_modules/orval/dist/bin/orval.mjs", ADDRESS=server)
    node("node_modules/@hey-api/openapi-ts/bin/run.js", "-i", "openapi.json", "-o", "hey-api")
    use_typescript_clients(["openapi_fetch", "orval", "hey_api"], folder, node, server)
