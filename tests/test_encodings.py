"""Texts are UTF-8 whatever the machine's locale says; the linter knows the files that are paths for sure, no others."""

from __future__ import annotations

import ast

import pytest

from declaration.run import ROOT

FOLDERS = (
    "components",
    "configuration",
    "declaration",
    "documents",
    "mappings",
    "model",
    "audit",
    "rehearsal",
    "tests",
)
SOURCES = sorted([*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
ARGUMENTS_BEFORE = {"read_text": 0, "write_text": 1}


def silent(source: str) -> list[str]:
    """Calls that leave the encoding to the machine."""
    if not any(name in source for name in ARGUMENTS_BEFORE):
        return []
    calls = [it for it in ast.walk(ast.parse(source)) if isinstance(it, ast.Call)]
    return [
        ast.unparse(call)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and (before := ARGUMENTS_BEFORE.get(call.func.attr)) is not None
        and len(call.args) <= before
        and "encoding" not in {keyword.arg for keyword in call.keywords}
    ]


def test_no_text_is_read_or_written_in_the_machines_own_encoding():
    found = {str(path.relative_to(ROOT)): calls for path in SOURCES if (calls := silent(path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize("call", ["Path('x').read_text()", "Path('x').write_text('ü')"])
def test_a_call_without_an_encoding_is_noticed(call: str):
    assert silent(call) == [call]
