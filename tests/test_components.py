"""What holds for the source of every component: the conventions that a declaration does not show."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "components").glob("*.py"))


def classes(suffix_of_base: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(suffix_of_base in ast.unparse(base) for base in node.bases):
                yield f"{path.stem}.{node.name}", node


COMPONENTS = dict(classes("ComponentResource"))


def constructor(component: ast.ClassDef) -> ast.FunctionDef:
    return next(it for it in component.body if isinstance(it, ast.FunctionDef) and it.name == "__init__")


def test_there_are_components():
    assert len(COMPONENTS) == 10


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_an_argument_says_what_it_means(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Args"):
            body = node.body[1:]  # after the class's own docstring
            fields = [it.target.id for it in body if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name)]
            documented = [
                ast.unparse(field.target)
                for field, text in itertools.pairwise(body)
                if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
            ]
            assert documented == fields, f"{path.stem}.{node.name}: a field without a docstring below it"


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_components_outputs_are_its_annotations(name: str):
    component = COMPONENTS[name]
    annotated = [ast.unparse(it.target) for it in component.body if isinstance(it, ast.AnnAssign)]
    (call,) = [
        it for it in ast.walk(component) if isinstance(it, ast.Call) and ast.unparse(it.func) == "self.register_outputs"
    ]
    assert isinstance(call.args[0], ast.Dict)
    assert [ast.literal_eval(key) for key in call.args[0].keys if key] == annotated


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_callers_options_go_to_the_component_and_nowhere_else(name: str):
    used = [it for it in ast.walk(constructor(COMPONENTS[name])) if isinstance(it, ast.Name) and it.id == "opts"]
    assert len(used) == 1, "options merged into children duplicate aliases and let children escape their parent"


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_constructor_is_short(name: str):
    init = constructor(COMPONENTS[name])
    assert (init.end_lineno or 0) - init.lineno < 31, "it only calls what creates"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_component_reads_no_configuration_and_no_stack(path: Path):
    names = {ast.unparse(it) for it in ast.walk(ast.parse(path.read_text())) if isinstance(it, ast.Attribute)}
    assert not {"pulumi.Config", "pulumi.get_stack", "pulumi.export"} & names, "settings.py reads, __main__.py exports"
