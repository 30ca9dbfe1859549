"""Which rows a filter lets through, at its bounds and on either side, by the audit's own code."""

from __future__ import annotations

import pytest

from audit.expected.rows import projected
from mappings.table_mappings import parse
from model import Table
from tests.audit.lakes import column
from tests.mappings.mapping_rules import document, include, only

TABLE = Table(schema="shop", name="t", columns=(column("n", "int"), column("at", "datetime(6)")), primary_key=("n",))
MOMENTS = tuple(f"2026-11-22 00:00:00.00000{digit}" for digit in range(1, 6))
ROWS = tuple(enumerate(MOMENTS, start=1))


@pytest.mark.parametrize(
    ("operator", "bounds", "passing"),
    [
        ("eq", (3,), {3}),
        ("noteq", (3,), {1, 2, 4, 5}),
        ("gte", (3,), {3, 4, 5}),
        ("lte", (3,), {1, 2, 3}),
        ("between", (2, 4), {2, 3, 4}),
        ("between", (3, 3), {3}),
        ("notbetween", (2, 4), {1, 5}),
        ("notbetween", (3, 3), {1, 2, 4, 5}),
    ],
)
def test_a_filter_takes_its_bounds_as_dms_does(operator: str, bounds: tuple[int, ...], passing: set[int]):
    for name, texts in (("n", map(str, bounds)), ("at", (MOMENTS[bound - 1] for bound in bounds))):
        mappings = parse(document(include(1, "shop", "t", only(name, (operator, *texts)))))
        assert {row[0] for row in projected(mappings.target(TABLE), ROWS)} == passing, f"{name} {operator} {bounds}"


@pytest.mark.parametrize(
    ("moment", "passing"), [("2026-11-22", {1, 2, 3, 4, 5}), ("2026-11-22 00:00:00.000003", {3, 4, 5})]
)
def test_a_day_alone_is_its_midnight(moment: str, passing: set[int]):
    mappings = parse(document(include(1, "shop", "t", only("at", ("gte", moment)))))
    assert {row[0] for row in projected(mappings.target(TABLE), ROWS)} == passing
