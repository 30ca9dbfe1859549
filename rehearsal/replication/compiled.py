"""Compiled: from a text with places for values to the function that writes it.

What the records of one table and operation have in common is worked out once. The rest is one f-string, compiled as
namedtuple compiles its methods: no list of members, no loop over columns is left for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

PLACE = "\0"
"""Stands for a value in a text that is JSON otherwise, where it cannot occur."""


class Part(NamedTuple):
    """A text with places, and the expression of each place's value."""

    text: str
    expressions: Sequence[str] = ()


def compiled(arguments: str, part: Part, names: Mapping[str, object]) -> Callable[..., str]:
    """The function of ``arguments`` that writes ``part``. ``names`` are what the expressions use beside them.

    Expressions are written in this package and have nothing in them that comes from a source or a declaration.
    """
    first, *others = part.text.split(PLACE)
    values = [f"f'{{{expression}}}' {other!r}" for expression, other in zip(part.expressions, others, strict=True)]
    scope: dict[str, Any] = dict(names)
    return eval(f"lambda {arguments}: {first!r} {' '.join(values)}", scope)
