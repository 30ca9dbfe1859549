"""What holds for the source of every component: the conventions that a declaration does not show."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "components").glob("*.py"))


def classes(suffix_of_base: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(suffix_of_base in ast.unparse(base) for base in node.bases):
                yield f"{path.stem}.{node.name}", node


BASE = "captured_database.CapturedDatabase"
DATABASES = dict(classes("CapturedDatabase"))
OWN_OUTPUTS = dict(classes("ComponentResource"))
"""The classes that register outputs: the databases leave it to their base."""
COMPONENTS = {name: it for name, it in (OWN_OUTPUTS | DATABASES).items() if name != BASE}


def constructor(component: ast.ClassDef) -> ast.FunctionDef:
    return next(it for it in component.body if isinstance(it, ast.FunctionDef) and it.name == "__init__")


def called(component: ast.ClassDef, function: str) -> list[ast.Call]:
    return [it for it in ast.walk(component) if isinstance(it, ast.Call) and ast.unparse(it.func) == function]


def outputs(component: ast.ClassDef) -> list[str]:
    """The keys that it registers."""
    (call,) = called(component, "self.register_outputs")
    assert isinstance(call.args[0], ast.Dict)
    return [ast.literal_eval(key) for key in call.args[0].keys if key]


def test_there_are_components():
    assert len(COMPONENTS) == 15


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_an_argument_says_what_it_means(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Args"):
            body = node.body[1:]  # after the class's own docstring
            fields = [it.target.id for it in body if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name)]
            documented = [
                ast.unparse(field.target)
                for field, text in itertools.pairwise(body)
                if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
            ]
            assert documented == fields, f"{path.stem}.{node.name}: a field without a docstring below it"


@pytest.mark.parametrize("name", OWN_OUTPUTS)
def test_a_components_outputs_are_its_annotations(name: str):
    component = OWN_OUTPUTS[name]
    annotated = [
        ast.unparse(it.target)
        for it in component.body
        if isinstance(it, ast.AnnAssign) and "Output[" in ast.unparse(it.annotation)
    ]
    assert outputs(component) == annotated


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_exposes_its_outputs_through_its_base(name: str):
    assert called(DATABASES[name], "self.register_outputs") == [], "once is enough"
    (exposed,) = called(DATABASES[name], "self._expose")
    assert [keyword.arg for keyword in exposed.keywords] == outputs(OWN_OUTPUTS[BASE])


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
    names = {
        ast.unparse(it) for it in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(it, ast.Attribute)
    }
    assert not {"pulumi.Config", "pulumi.get_stack", "pulumi.export"} & names, "settings.py reads, __main__.py exports"
