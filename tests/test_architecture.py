"""The rooms of docs/architecture.md: every import of the code goes along an arrow that the page allows."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.imports import imports

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ALLOWED: Mapping[str, frozenset[str]] = {
    room: frozenset(re.findall(r"`([\w.]+)`", imports))
    for room, imports in re.findall(r"^\| `([\w.]+)` \| [^|]+ \|([^|]*)\|$", PAGE, re.MULTILINE)
}
"""What each room may import, by the page's tables."""
INNER = frozenset(room.split(".")[0] for room in ALLOWED if "." in room)
"""Rooms that have rooms of their own."""
TALK_TO_PEOPLE = "rehearsal"
"""The room whose own modules stand above its inner rooms."""


def room(module: str) -> str:
    """The innermost room of the page that ``module`` is in; empty for a module that is not the project's."""
    parts = module.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in names if name in ALLOWED), "")


def imported(path: Path, package: str) -> Iterator[str]:
    """Full names of what the file imports; ``package`` is the one that it is in."""
    for node in imports(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        else:
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" for name in node.names)


def forbidden(root: Path) -> list[str]:
    """Each import below ``root`` that no table allows, as ``file: from → to``."""
    found = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[0] in (".venv", "build", "tests"):
            continue
        here = room(".".join(parts))
        package = ".".join(parts[:-1])
        for name in imported(path, package):
            there = room(name)
            if there and not allowed(here, there):
                found.append(f"{path.relative_to(root)}: {here} → {there}")
    return found


def allowed(here: str, there: str) -> bool:
    """Whether a module of the room ``here`` may import one of ``there``."""
    outer, other = here.split(".")[0], there.split(".")[0]
    if outer != other:
        return other in ALLOWED[outer]
    if here == there:
        return True
    if here == outer:  # a module above the inner rooms: their face, or one that talks to people
        return outer == TALK_TO_PEOPLE or outer in INNER
    return there in ALLOWED[here]


def test_every_room_has_a_row():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert packages | modules == {name for name in ALLOWED if "." not in name}
    for outer in INNER:
        inner = {f"{outer}.{path.parent.name}" for path in (ROOT / outer).glob("*/__init__.py")}
        assert inner == {name for name in ALLOWED if name.startswith(f"{outer}.")}, "a room that the page does not know"


def test_every_import_goes_along_an_arrow_of_the_page():
    assert forbidden(ROOT) == [], "docs/architecture.md says which room may know which; move the code, or the arrow"


def test_an_import_that_goes_up_is_found(tmp_path: Path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "planted.py").write_text("from configuration.rules import Rule\n", encoding="utf-8")
    (tmp_path / "audit" / "views").mkdir(parents=True)
    (tmp_path / "audit" / "views" / "planted.py").write_text(
        "import audit.log.values\nfrom rehearsal import lake\n", encoding="utf-8"
    )
    assert forbidden(tmp_path) == [
        "audit/views/planted.py: audit.views → audit.log",
        "audit/views/planted.py: audit.views → rehearsal.lake",
        "documents/planted.py: documents → configuration",
    ]


def test_what_the_program_shares_with_the_rehearsal_needs_the_standard_library_alone():
    for name in ("mappings", "model"):
        for path in sorted((ROOT / name).rglob("*.py")):
            needs = {it.split(".")[0] for it in imported(path, name)} - {"mappings", "model", "__future__"}
            assert needs <= sys.stdlib_module_names, f"{path}: `pulumi up` installs requirements.txt and no more"


def test_every_arrow_goes_down_a_floor():
    floors = {
        name: int(number)
        for number, names in re.findall(r"^floor (\d) +(.+)$", PAGE, re.MULTILINE)
        for name in names.split()
    }
    assert floors.keys() == {name for name in ALLOWED if "." not in name}
    rising = [(here, there) for here in floors for there in ALLOWED[here] if floors[there] >= floors[here]]
    assert rising == [], "then two rooms could need each other"


def test_inner_rooms_do_not_need_each_other():
    left = {name: set(ALLOWED[name]) for name in ALLOWED if "." in name}
    while lowest := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in lowest:
            del left[name]
    assert left == {}, "these rooms stand on each other"
