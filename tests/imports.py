"""The imports of a source file, for the tests of who may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement has others; none is inside of an expression, which is most of a file."""


def imports(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    """Each import of the file, wherever it stands, in order."""
    return _within(ast.parse(path.read_text(encoding="utf-8")))


def _within(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    for block in _BLOCKS:
        for inner in getattr(node, block, ()):
            yield from _within(inner)
