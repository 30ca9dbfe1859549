"""What is said of a query that failed: why, and no value of the lake."""

from __future__ import annotations

import pytest

from audit.views.queries import without_values


@pytest.mark.parametrize("length", [1999, 2000, 2001])
def test_of_an_error_the_first_2000_characters_are_said(length: int):
    assert len(without_values("x" * length)) == min(length, 2000)
