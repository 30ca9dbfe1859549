"""The declared catalog on Trino: what it shows, what is refused, and that nothing is left for the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from audit import FindingKind
from declaration import Declaration
from model import PipelineError
from rehearsal.athena import TRINO, Open, QueryError
from rehearsal.athena.dialect import parameters_of
from rehearsal.plan.pipeline import read_plan
from tests.audit.views.shops import Shop
from tests.audit.views.shops import catalog as shops
from tests.rehearsal.athena.catalogs import catalog, raw_table, stored, view
from tests.rehearsal.athena.trino.corpus import CATALOG, GOOD, NOW, put
from tests.rehearsal.play.test_audits import kept, shop, shown

__all__ = ["shop"]
WORDS = catalog(view("words", "SELECT line AS word FROM lines", ("word", "varchar")))


def test_what_is_declared_is_shown_with_its_types(trino: Open):
    with trino(CATALOG, [put(0, GOOD.encode())], now=NOW) as athena:
        answer = athena.run("SELECT id, v, cdc_message_time, cdc_dt FROM shop_nasty_changes;")
        assert answer.columns == ("id", "v", "cdc_message_time", "cdc_dt")
        assert answer.types == ("integer", "varchar", "timestamp(6)", "varchar")
        assert list(answer.rows) == [(1, "good", datetime(2026, 1, 5, 3, 0, 0, 1), "2026-01-01")]


def test_an_answer_has_python_values(trino: Open):
    sql = "SELECT DECIMAL '1.10', X'00ff', DATE '2026-01-05', 0e0/0e0 IS NULL, true, NULL"
    with trino(WORDS, (), now=NOW) as athena:
        ((*values,),) = athena.run(sql).rows
    assert values == [Decimal("1.10"), b"\0\xff", date(2026, 1, 5), False, True, None]


def test_one_lake_leaves_nothing_for_the_next(trino: Open):
    for text in ("a", "b"):
        with trino(CATALOG, [put(ord(text), text.encode())], now=NOW) as athena:
            assert list(athena.run("SELECT line FROM lines").rows) == [(text,)]


@pytest.mark.parametrize(
    ("given", "sql"),
    [
        ("10", "bigint '10' = ?"),
        ("-10", "bigint '-10' = ?"),
        ("18446744073709551615", "DECIMAL '18446744073709551615' = ?"),
        ("1.50", "DECIMAL '1.5' = ?"),
        ("DECIMAL '7'", "DECIMAL '7' = ?"),
        ("'10'", "'10' = ?"),
        ("it's", "'it''s' = ?"),
        ("TIMESTAMP '2026-01-05 10:00:00.5'", "TIMESTAMP '2026-01-05 10:00:00.5' = ?"),
        ("DATE '2026-01-05'", "DATE '2026-01-05' = ?"),
        ("true", "true = ?"),
    ],
)
def test_a_parameter_is_the_literal_that_it_looks_like(given: str, sql: str, trino: Open):
    with trino(WORDS, (), now=NOW) as athena:
        assert list(athena.run(f"SELECT {sql}", [given]).rows) == [(True,)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nothing FROM words", "COLUMN_NOT_FOUND Error: .*'nothing'"),
        ("SELECT CAST('x' AS integer)", "INVALID_CAST_ARGUMENT Error"),
        ("SELEC 1", "SYNTAX_ERROR Error"),
        ("DROP VIEW words", "PERMISSION_DENIED Error"),
        ("INSERT INTO lines VALUES ('x', '2026-01-01', '00')", "PERMISSION_DENIED Error"),
    ],
)
def test_what_trino_does_not_answer_is_one_line(sql: str, said: str, trino: Open):
    with trino(WORDS, (), now=NOW) as athena, pytest.raises(QueryError, match=said):
        list(athena.run(sql).rows)


def test_a_projection_that_has_moved_on_since_the_lake_was_kept_is_refused(trino: Open):
    moving = catalog(table=raw_table(**{"projection.dt.range": "NOW-3DAYS,NOW"}))
    said = r"changes with NOW, and raw/dt=2026-01-08/.*: ask DuckDB, or rehearse again"
    with pytest.raises(PipelineError, match=said), trino(moving, [put(24 * 7, b"x")], now=NOW):
        pass


def test_every_named_query_of_the_program_is_answered(dev: Declaration, trino: Open):
    program = read_plan(dev).catalog
    assert program
    literals = ("1", "1", "TIMESTAMP '2026-01-05 10:00:00'")
    today = stored("\n", f"{datetime.now(UTC):raw/dt=%Y-%m-%d/hr=%H/}blank.gz")  # else years of hours are looked into
    with trino(program, [today]) as athena:
        for query in program.queries:
            assert list(athena.run(query.sql, literals[: parameters_of(query.sql)]).rows) == []


@pytest.mark.usefixtures("on_trino")
def test_the_audits_call_a_lake_equal_and_say_that_trino_was_asked(tmp_path: Path, shop: Shop):
    result = kept(tmp_path, shop, shops()).audit(lambda _: None, engine=TRINO)
    assert result.equal, result.listed_findings
    assert shown(result)[-1].endswith("by the declared views on Trino (disordered)")


@pytest.mark.usefixtures("on_trino")
def test_the_audits_find_a_view_that_is_wrong_or_that_trino_does_not_take(tmp_path: Path, shop: Shop):
    program = shops()
    wrong = {
        "shop_orders_current": "SELECT * FROM lake.shop_orders_changes WHERE 1 = 0",
        "shop_seats_changes": "SELECT line || 1 AS hall FROM lake.lines",
    }
    views = [
        replace(it, glue=view(it.name, wrong[it.name], *it.columns, database="lake").glue) if it.name in wrong else it
        for it in program.views
    ]
    result = kept(tmp_path, shop, replace(program, views=tuple(views))).audit(lambda _: None, engine=TRINO)
    assert result.views
    kinds = {one.kind for found in result.views.all_findings for one in found.listed}
    assert FindingKind.UNASKED in kinds, "DuckDB would take || with a number; Trino does not"
    assert not result.equal
