"""Our TypeScript client: it builds from the description, and its own tests and README pass against a live server."""

import os
import re
import shutil
from pathlib import Path

import pytest

from terrafirma.dataset.inputs import find_npm
from tests.clients.test_generators import run
from tests.npm_packages import find_node, install_packages

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"


@pytest.mark.slow
def test_the_client_is_built_and_does_what_its_readme_says(server, tmp_path):
    packages = install_packages(CLIENT) / "node_modules"
    built = shutil.ignore_patterns("node_modules", "dist", "schema.ts")
    folder = shutil.copytree(CLIENT, tmp_path / "client", ignore=built)
    (folder / "node_modules").symlink_to(packages)
    (example,) = re.findall("```ts\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL)
    example = example.replace("http://127.0.0.1:5000", server).replace(
        '"terrafirma-client"', '"../dist/index.js"'
    )
    (folder / "test" / "readme.test.ts").write_text(example)
    # npm runs its scripts with the Node.js that it finds.
    (tmp_path / "node").symlink_to((find_node() or [""])[0])
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    for script in ("build", "test"):
        told = run(folder, *find_npm(), "run", script, PATH=path, TERRAFIRMA_ADDRESS=server)
    assert "Thailand" in told
    assert "412 precondition-failed" in told
