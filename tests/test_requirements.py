"""Requirement files: what the code imports is named in them, at the version that everything was tested with."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.conftest import PROGRAM as TESTS_OF_THE_PROGRAM
from tests.conftest import others as others_of_the_tests
from tests.imports import imports
from toolchain import BENCHES, OPERATIONS, PROGRAM, REHEARSAL, ROOT, TESTS, TRINO

OF_THE_REHEARSAL = frozenset({"audit", "database", "rehearsal"})
NOT_OURS = frozenset({".venv", "build"})
PACKAGES = {
    "google.protobuf": "protobuf",
    "jpype": "jpype1",
    "yaml": "pyyaml",
    "pymysqlreplication": "mysql-replication",
}
"""Packages that are not called like what is imported from them."""


def named(files: Sequence[str]) -> dict[str, str]:
    """Package, in lower case, to version, of the lines of requirement files."""
    text = "\n".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    lines = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", text, re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in lines}


def requirement_files(path: Path) -> Sequence[str]:
    """Those that may name what the file at ``path``, relative to the project, imports."""
    if path.parts[0] == "benches":
        return (*TESTS, *BENCHES, "benches/peers.txt")
    if "trino" in path.parts:
        return (*(TESTS if path.parts[0] == "tests" else REHEARSAL), *TRINO)
    if path.parts[0] == "tests":
        inner = path.parts[1]
        return PROGRAM if inner in TESTS_OF_THE_PROGRAM or inner == "conftest.py" else TESTS
    if path.parts[0] == "operations":
        return OPERATIONS
    return REHEARSAL if path.parts[0] in OF_THE_REHEARSAL else PROGRAM


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, but for relative ones."""
    for node in imports(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def package(module: str) -> str:
    """The package to install for it; empty for the standard library and for what is the project's own."""
    top = module.split(".")[0]
    if top in sys.stdlib_module_names or (ROOT / top).is_dir() or (ROOT / f"{top}.py").exists():
        return ""
    renamed = (to for name, to in PACKAGES.items() if f"{module}.".startswith(f"{name}."))
    return next(renamed, top.lower().replace("_", "-"))


def unnamed(root: Path) -> list[str]:
    """Each import below ``root`` of a package that its requirement files do not name, as ``file: package``."""
    found = set()
    for path in root.rglob("*.py"):
        inner = path.relative_to(root)
        if inner.parts[0] not in NOT_OURS:
            needed = {package(module) for module in imported(path)} - {""}
            found |= {f"{inner}: {name}" for name in needed - named(requirement_files(inner)).keys()}
    return sorted(found)


def test_what_is_imported_is_named():
    assert unnamed(ROOT) == [], "another package may bring it today and not tomorrow; name it, or move the code"


def test_an_import_that_is_not_named_is_found(tmp_path: Path):
    planted = {
        "documents/planted.py": "import duckdb\nfrom google.protobuf import struct_pb2\n",
        "tests/documents/test_planted.py": "import pytest\nfrom sqlglot import exp\n",
        "rehearsal/planted.py": "import duckdb, hypothesis\n",
        "tests/audit/test_planted.py": "import duckdb\n\ndef late():\n    import numpy.linalg\n",
    }
    for name, code in planted.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code, encoding="utf-8")
    assert unnamed(tmp_path) == [
        "documents/planted.py: duckdb",
        "rehearsal/planted.py: hypothesis",
        "tests/audit/test_planted.py: numpy",
        "tests/documents/test_planted.py: sqlglot",
    ]


def test_the_programs_tests_use_nothing_of_the_rooms_that_need_more():
    others = {"audit", "database", "rehearsal", "operations", *(f"tests.{path.stem}" for path in others_of_the_tests())}
    files = [path for name in TESTS_OF_THE_PROGRAM for path in (ROOT / "tests").glob(f"{name}/**/*.py")]
    assert len(files) > 20
    found = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in files
        for module in imported(path)
        if any(f"{module}.".startswith(f"{other}.") for other in others)
    }
    assert found == set(), "they would not run with requirements.txt alone; move the test to tests/interop"


def test_a_requirement_has_the_version_of_the_constraints():
    constraints = named(["constraints.txt"])
    for file in (*TESTS, *TRINO, *BENCHES):
        assert named([file]).items() <= constraints.items(), f"{file}: run `make lock`"


def test_the_constraints_are_names_and_versions():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.!+]+", line)]
    assert strange == [], "no place of this machine and no host: others install by name"
