"""docs/changes.md: every key has its row, and the effects are those of the declarations.

A declaration for each row would take half a minute. So several rows are turned in one declaration, and what changes
then must be what all of them say together.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import pytest
from pulumi import _types

from configuration.settings import KEYS
from declaration.changes import CHANGES, SHAPES, STACK, Change, from_words, in_words, key_and_case, refusal
from declaration.effects import INTERRUPTING, REPLACING, effect, joined
from tests.declared import declare
from tests.docs.pages import page
from tests.program.test_invariants import args_class

ROWS = re.findall(r"^\| (`.+?) \| (.*?) \| (.+) \|$", page("docs/changes.md").text, re.MULTILINE)
TOGETHER = sorted({(change.shape, change.run) for change in CHANGES})


@functools.cache
def refused() -> dict[int, str]:
    """What is said of the examples that are refused, by their place."""
    return {place: said for place, change in enumerate(CHANGES) if (said := refusal(change))}


def taken() -> Iterator[tuple[Change, str]]:
    """Each example that is not refused, and the effect that the page tells of it."""
    both = enumerate(zip(CHANGES, ROWS, strict=True))
    return ((change, row[2]) for place, (change, row) in both if place not in refused())


def test_every_example_has_its_row():
    wanted = [key_and_case(change) for change in CHANGES]
    assert [row[:2] for row in ROWS] == wanted, "put the output of `python -m declaration changes` between its marks"


def test_every_key_has_an_example():
    assert {key for change in CHANGES for key in change.keys} == set(KEYS)


def test_what_is_refused_is_told_as_it_is_said():
    assert len(refused()) > 5
    assert {place: ROWS[place][2] for place in refused()} == {
        place: f"**refused**: {said}" for place, said in refused().items()
    }


@pytest.mark.parametrize(("shape", "run"), TOGETHER)
def test_the_effects_are_those_of_the_declarations(shape: str, run: int):
    turned = [(it, words) for it, words in taken() if (it.shape, it.run) == (shape, run)]
    keys = [key for change, _ in turned for key in change.after]
    assert len(keys) == len(set(keys)), "two examples that turn one key need two runs"
    config = {**SHAPES[shape], **{key: value for change, _ in turned for key, value in change.after.items()}}
    unmoved = frozenset().union(*(change.unmoved for change, _ in turned))
    found = effect(declare(STACK, config=SHAPES[shape]), declare(STACK, config=config), unmoved)
    assert in_words(found) == in_words(joined(*(from_words(words) for _, words in turned)))


def test_what_was_told_is_understood():
    assert [words for _, words in taken() if in_words(from_words(words)) != words] == []


@pytest.mark.parametrize("inputs", [REPLACING, INTERRUPTING], ids=["replacing", "interrupting"])
def test_the_provider_has_these_inputs(inputs: dict[str, set[str]]):
    of_providers = {kind: names for kind, names in inputs.items() if not kind.startswith("pulumi-python:")}
    unknown = {
        f"{kind}.{name}"
        for kind, names in of_providers.items()
        for name in names
        if name.split(".")[0] not in _types.input_type_types(args_class(kind))
    }
    assert unknown == set(), "an input of another name changes, and nobody is told what that does"
