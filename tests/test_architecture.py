"""The rules of ARCHITECTURE.md, read from the source: sizes, layers, cycles, and what no file may name."""

import ast
import io
import os
import re
import statistics
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "terrafirma"

FUNCTION_LINES = 40
# A table of a record's keys each, or of the build's files, a line a key.
TABLES = {"build_files", "translate", "flatten_record"}
FUNCTION_LINES_P90 = 25
MODULE_LINES = 400

DOORS = {
    "terrafirma.api",
    "terrafirma.graphql",
    "terrafirma.library",
    "terrafirma.restcountries",
    "terrafirma.web",
}
# The factory knows every part; only what starts a process knows the factory.
STARTERS = {"terrafirma.commands", "terrafirma.worker", "terrafirma.server"}
ABOVE_FORMATS = {"terrafirma.http", "terrafirma.work", "terrafirma.factory", *STARTERS, *DOORS}
ABOVE_THE_REGISTER = {"terrafirma.formats", *ABOVE_FORMATS}
WEB_FRAMEWORK = {"flask", "werkzeug", "granian"}
SQL = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}

# What a layer (a module and all below it) must not import.
MUST_NOT_IMPORT = {
    "terrafirma.errors": {"terrafirma", *WEB_FRAMEWORK, *SQL},
    "terrafirma.config": {
        "terrafirma.register",
        "terrafirma.storage",
        *ABOVE_THE_REGISTER,
        *WEB_FRAMEWORK,
        *SQL,
    },
    "terrafirma.register": {*ABOVE_THE_REGISTER, "terrafirma.dataset", *WEB_FRAMEWORK, *SQL},
    "terrafirma.storage": {
        *ABOVE_THE_REGISTER,
        "terrafirma.register",
        "terrafirma.dataset",
        *WEB_FRAMEWORK,
    },
    "terrafirma.dataset": {*ABOVE_THE_REGISTER, *WEB_FRAMEWORK},
    "terrafirma.formats": {*ABOVE_FORMATS, *WEB_FRAMEWORK, *SQL},
    "terrafirma.http": {*DOORS, "terrafirma.work", "terrafirma.factory", *STARTERS},
    "terrafirma.work": {*DOORS, "terrafirma.factory", *STARTERS, "granian", *SQL},
    # What is tested on recorded answers knows neither requests nor the register's database.
    **{
        f"terrafirma.restcountries.{name}": {
            "terrafirma.http",
            "terrafirma.storage",
            *WEB_FRAMEWORK,
        }
        for name in (
            "translate",
            "regions",
            "blocs",
            "match",
            "serialise",
            "versions",
            "v31",
            "v3",
            "v2",
            "eu",
            "v5",
            "v5_query",
            "spelling",
            "old_spellings",
            "stand_ins",
            "description",
        )
    },
    **{
        door: {*DOORS - {door}, "terrafirma.work", "terrafirma.factory", *STARTERS, *SQL}
        for door in DOORS
    },
}

# The rooms of a layer, lowest first: a room imports only rooms before it. A module between rooms is a room.
ROOMS = {
    "terrafirma.http": ("app", "request", "response", "middleware"),
    "terrafirma.register": ("model", "log", "access", "resolve", "webhooks", "jobs", "auth_rows"),
    "terrafirma.storage": ("private_files", "engine", "register", "work", "auth"),
}

# File names that stand in several folders, and a word that the first lines of each such file have.
SHARED_NAMES = {
    "api_keys": "API keys",
    "assets": "the (pages|same)",
    "audit": "audit|sign-ins",
    "backup": "backup",
    "cities": "[Cc]ities",
    "changes": "log|[Ww]rite|creat",
    "config": "setting",
    "custom_fields": "custom fields",
    "entries": "log",
    "errors": "[Ee]rrors",
    "exports": "list",
    "figures": "[Ff]igures",
    "groups": "groups?",
    "handbook": "handbook",
    "history": "log|history",
    "idempotency": "Idempotency-Key",
    "imports": "file|row",
    "jobs": "jobs|background",
    "keys": "API keys",
    "known": "first day",
    "languages": "[Ll]anguage",
    "match": "[Ff]ind|match",
    "lists": "[Ll]ists?|[Rr]ecords",
    "names": "names",
    "records": "record|register",
    "regions": "regions",
    "resolve": "record",
    "responses": "[Aa]nswers|Responses",
    "routes": "[Aa]ddress|quer|Declaration",
    "series": "[Ff]igures",
    "sessions": "[Ss]essions",
    "subdivisions": "[Ss]ubdivisions|3166-2",
    "timelines": "over time|time",
    "translations": "other languages",
    "undated": "[Ff]ields? that|leave out",
    "users": "[Uu]sers",
    "webhooks": "[Ww]ebhooks",
    "world_map": "world",
}

# Packages that an extra brings: a function may import them where it needs them.
OPTIONAL_EXTRAS: set[str] = set()

# Written in two halves, so that this file does not name what it looks for.
UNWANTED = {
    "a package registry": re.compile(
        "|".join(
            re.escape(first + second)
            for first, second in [
                ("pypi", ".org"),
                ("pythonhosted", ".org"),
                ("registry.npm", "js.org"),
                ("registry.yarn", "pkg.com"),
                ("deb.", "debian.org"),
                ("--index", "-url"),
                ("--extra-index", "-url"),
                ("--find", "-links"),
                ("--trusted", "-host"),
            ]
        )
        + '|"resol' + 'ved":\\s*"http'
    ),
    "a path of one machine": re.compile("(?<![\\w./-])/(?:wo" + "rk|ro" + "ot|home/[a-z]+)/"),
}  # fmt: skip


def name_module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def read_modules() -> dict[str, tuple[Path, ast.Module]]:
    """Every module of the package by its full name."""
    return {
        name_module(path): (path, ast.parse(path.read_bytes()))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def is_within(module: str, layer: str) -> bool:
    return module == layer or module.startswith(layer + ".")


def find_imports(module: str, path: Path, tree: ast.AST) -> Iterator[str]:
    """The full names that a module imports; of `from a import b` it is `a.b` where that is a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            below = [f"{base}.{alias.name}" for alias in node.names]
            modules = [name for name in below if name in read_modules()]
            yield from modules
            if len(modules) < len(below):
                yield base


@cache
def read_imports() -> dict[str, set[str]]:
    return {
        name: set(find_imports(name, path, tree)) for name, (path, tree) in read_modules().items()
    }


def find_docstrings(tree: ast.AST) -> set[int]:
    """The numbers of the lines that docstrings stand on."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, holders) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            lines.update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return lines


def find_code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code: not blank, not only a comment, not a docstring."""
    silent = {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
    }  # fmt: skip
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - find_docstrings(ast.parse(source))


@cache
def measure_functions() -> dict[str, int]:
    """Code lines of every function, by place and name; the signature counts."""
    sizes = {}
    for path, tree in read_modules().values():
        code = find_code_lines(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                own = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                sizes[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = len(
                    code.intersection(own)
                )
    return sizes


def find_cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import one another, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    cycles: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in sorted(graph[name] & graph.keys()):
            if other not in order:
                visit(other)
            if other in stack:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            start = stack.index(name)
            group, stack[start:] = stack[start:], []
            if len(group) > 1 or name in graph[name]:
                cycles.append(sorted(group))

    for name in sorted(graph):
        if name not in order:
            visit(name)
    return cycles


def find_late_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Imports inside functions, as (line, package)."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield (
                        node.lineno,
                        (node.module or "").split(".")[0] if not node.level else "terrafirma",
                    )


def list_files() -> list[Path]:
    """The files that are committed or would be; outside a clone, all but what is set up or built."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
        files = [ROOT / name for name in told.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        skip = {".git", ".venv", ".cache", "__pycache__", "dist", "build", "data"}
        files = [path for path in ROOT.rglob("*") if skip.isdisjoint(path.relative_to(ROOT).parts)]
    return [path for path in files if path.is_file() and not path.is_symlink()]


def read_requirements(text: str) -> set[str]:
    return {
        line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] not in "#-"
    }


def test_functions_are_short():
    long = [
        f"{place}: {size}"
        for place, size in measure_functions().items()
        if size > FUNCTION_LINES and place.split()[-1] not in TABLES
    ]
    assert not long, f"more than {FUNCTION_LINES} lines of code: {long}"


def test_most_functions_are_very_short():
    sizes = list(measure_functions().values())
    if len(sizes) > 20:
        assert statistics.quantiles(sizes, n=10)[-1] <= FUNCTION_LINES_P90


def test_modules_are_short():
    sizes = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path, _ in read_modules().values()
    }
    long = [
        f"{path.relative_to(ROOT)}: {size}" for path, size in sizes.items() if size > MODULE_LINES
    ]
    assert not long, f"more than {MODULE_LINES} lines: {long}"


def test_init_files_are_empty():
    full = [
        path
        for path in PACKAGE.rglob("__init__.py")
        # The package itself is a door: `terrafirma.open()`.
        if path.parent != PACKAGE and path.read_text(encoding="utf-8").strip()
    ]
    assert not full, f"these must stay empty: {full}"


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_modules_do_not_import_in_circles():
    graph = {
        name: {other for other in names if other != name} for name, names in read_imports().items()
    }
    assert not find_cycles(graph)


@pytest.mark.parametrize("layer", sorted(MUST_NOT_IMPORT))
def test_layer_does_not_look_up(layer):
    found = [
        f"{module} imports {name}"
        for module, names in read_imports().items()
        for name in sorted(names)
        if is_within(module, layer)
        and any(is_within(name, barred) for barred in MUST_NOT_IMPORT[layer])
    ]
    assert not found


@pytest.mark.parametrize("layer", sorted(ROOMS))
def test_rooms_do_not_look_up(layer):
    order = {f"{layer}.{room}": place for place, room in enumerate(ROOMS[layer])}

    def room_of(module: str) -> str | None:
        return next((room for room in order if is_within(module, room)), None)

    found = [
        f"{module} imports {name}"
        for module, names in read_imports().items()
        for name in sorted(names)
        if (inner := room_of(module)) and (outer := room_of(name)) and order[outer] > order[inner]
    ]
    assert not found
    rooms = {
        ".".join(module.split(".")[:3]) for module in read_modules() if is_within(module, layer)
    }
    assert rooms - {layer} == order.keys()


def group_by(pairs: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    """The modules of each name."""
    found: dict[str, set[str]] = {}
    for name, module in pairs:
        found.setdefault(name, set()).add(module)
    return found


def read_names() -> Iterator[tuple[str, str, ast.stmt]]:
    """Every class, and every function of a module, by name and module; migrations stand alone."""
    for module, (_, tree) in read_modules().items():
        if "migrations" not in module:
            for node in tree.body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    yield node.name, module, node


def test_a_file_name_means_one_thing():
    names = group_by(
        (path.stem, module)
        for module, (path, _) in read_modules().items()
        if path.stem != "__init__" and "migrations" not in module
    )
    shared = {name: modules for name, modules in names.items() if len(modules) > 1}
    assert shared.keys() == SHARED_NAMES.keys(), (
        "names that several folders have, with their meaning"
    )
    others = [
        f"{module}: {SHARED_NAMES[name]}"
        for name, modules in shared.items()
        for module in modules
        if not re.search(SHARED_NAMES[name], ast.get_docstring(read_modules()[module][1]) or "")
    ]
    assert not others


def test_a_class_name_stands_once():
    classes = group_by(
        (name, module) for name, module, node in read_names() if isinstance(node, ast.ClassDef)
    )
    assert not {name: modules for name, modules in classes.items() if len(modules) > 1}


def test_an_imported_function_is_the_only_one_of_its_name():
    """Layers of one subject, which are files of one name, may call the same step by one word."""
    imported = {
        (base.module, alias.name)
        for _, tree in read_modules().values()
        for base in ast.walk(tree)
        if isinstance(base, ast.ImportFrom) and base.module
        for alias in base.names
    }
    functions = group_by(
        (name, module)
        for name, module, node in read_names()
        if not isinstance(node, ast.ClassDef) and (module, name) in imported
    )
    found = {
        name: sorted(modules)
        for name, modules in functions.items()
        if len({module.rpartition(".")[2] for module in modules}) > 1
    }
    assert not found


def test_only_what_starts_a_process_imports_the_factory():
    users = {module for module, names in read_imports().items() if "terrafirma.factory" in names}
    assert not [user for user in users if not any(is_within(user, starter) for starter in STARTERS)]


def test_imports_stand_at_the_top():
    found = [
        f"{path.relative_to(ROOT)}:{line} {package}"
        for path, tree in read_modules().values()
        for line, package in find_late_imports(tree)
        if package not in OPTIONAL_EXTRAS
    ]
    assert not found, f"imports inside functions: {found}"


def test_no_module_is_called_app_or_holds_one():
    assert not list(PACKAGE.rglob("app.py"))
    found = [
        f"{module}: {target.id}"
        for module, (_, tree) in read_modules().items()
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in {"app", "db"}
    ]
    assert not found, f"made at import: {found}"


@pytest.mark.parametrize("unwanted", sorted(UNWANTED))
def test_no_file_names(unwanted):
    found = []
    for path in list_files():
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        match = UNWANTED[unwanted].search(content.decode("utf-8", errors="replace"))
        if match:
            found.append(f"{path.relative_to(ROOT)}: {match.group()}")
    assert not found, f"{unwanted} is named in {found}"


def test_unwanted_patterns_find_what_they_should():
    registry, machine = UNWANTED["a package registry"], UNWANTED["a path of one machine"]
    assert registry.search("https://" + "files.python" + "hosted.org/packages")
    assert registry.search('  "resol' + 'ved": "https://example.org/a.tgz"')
    assert machine.search("cd /wo" + "rk/main")
    assert not machine.search("https://example.org/wo" + "rk/of/art")


def test_package_asks_for_what_run_requirements_list():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = (ROOT / "requirements" / "run.in").read_text(encoding="utf-8")
    assert set(project["dependencies"]) == read_requirements(listed)
    assert not [line for line in project["dependencies"] if re.search("==|~=|<", line)], (
        "lower bounds only"
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name
)
def test_requirements_are_pinned_and_hashed(path):
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert lines
    assert not [
        line
        for line in lines
        if not re.match(r"[a-z0-9._\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert path.with_suffix(".in").exists()


def test_requirements_agree_on_versions():
    versions: dict[str, set[str]] = {}
    for path in (ROOT / "requirements").glob("*.txt"):
        for name, version in re.findall(
            r"^([a-z0-9._-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            versions.setdefault(name, set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_code_lines_leave_out_silence():
    source = (
        'def f(\n    a,\n):\n    """One.\n\n    Two."""\n    # three\n\n    return """\n\n"""\n'
    )
    assert find_code_lines(source) == {1, 2, 3, 9, 10, 11}


def test_cycles_are_found():
    assert find_cycles({"a": {"b"}, "b": {"c", "os"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert find_cycles({"a": {"b"}, "b": set()}) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such bit")
def test_ci_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
