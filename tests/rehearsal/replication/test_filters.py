"""Which rows source filters let through; the real server's WHERE is the judge."""

from contextlib import closing
from dataclasses import replace

import pytest

from audit.expected.rows import projected
from database import catalog
from mappings.table_mappings import parse
from model import PipelineError
from rehearsal.replication.capture import Capture
from tests.mappings.mapping_rules import document, include, only
from tests.rehearsal.replication.tables import ORDERS, transaction

ROW = (7, "paid", None, None)
COLUMNS = "id INT PRIMARY KEY, n BIGINT UNSIGNED, d DECIMAL(20,3), s VARCHAR(9), day DATE, at DATETIME(3)"
ROWS = (
    "(1,50,0.5,'new','2025-01-01','2025-01-01 00:00:00'),(2,75,0.500,'paid','2024-12-31','2024-12-31 23:59:59.999'),"
    "(3,18446744073709551615,12345678901234567.001,'x','2026-02-03','2025-01-01 00:00:00.001'),"
    "(4,NULL,NULL,NULL,NULL,NULL),(5,49,-1,'','0000-00-00','2026-01-01 10:00:00'),"
    "(6,76,9.999,'y','2025-01-02','1999-12-31')"
)
FILTERS = [
    ([only("n", ("eq", "50"))], "n = 50"),
    ([only("n", ("noteq", "50"))], "n <> 50"),
    ([only("n", ("gte", "18446744073709551615"))], "n >= 18446744073709551615"),
    ([only("n", ("lte", "50"))], "n <= 50"),
    ([only("n", ("between", "50", "75"))], "n BETWEEN 50 AND 75"),
    ([only("n", ("notbetween", "50", "75"))], "n NOT BETWEEN 50 AND 75"),
    ([only("n", ("null",))], "n IS NULL"),
    ([only("n", ("notnull",))], "n IS NOT NULL"),
    ([only("n", ("lte", "49"), ("between", "75", "75"), ("null",))], "n <= 49 OR n = 75 OR n IS NULL"),
    ([only("n", ("gte", "50")), only("id", ("lte", "2"))], "n >= 50 AND id <= 2"),
    ([only("d", ("eq", "0.5"))], "d = 0.5"),
    ([only("d", ("gte", "12345678901234567.0009"))], "d >= 12345678901234567.0009"),
    ([only("s", ("eq", "paid"), ("eq", ""))], "s IN ('paid', '')"),
    ([only("s", ("noteq", "new"))], "s <> 'new'"),
    ([only("day", ("gte", "2025-01-01"))], "day >= '2025-01-01'"),
    ([only("at", ("gte", "2025-01-01"))], "at >= '2025-01-01'"),
    ([only("at", ("lte", "2025-01-01"))], "at <= '2025-01-01'"),
    (
        [only("at", ("between", "2024-12-31 23:59:59", "2025-01-01 00:00:00"))],
        "at BETWEEN '2024-12-31 23:59:59' AND '2025-01-01'",
    ),
]


def test_filters_let_through_what_the_servers_where_does_and_the_audit_agrees(source):
    source.sql(f"CREATE TABLE f ({COLUMNS})", "SET sql_mode=''", f"INSERT INTO f VALUES {ROWS}")
    with closing(source.server.connect()) as connection:
        table = next(t for t in catalog.tables(connection) if (t.schema, t.name) == (source.schema, "f"))
        rows = list(catalog.read(connection, table))
    for filters, where in FILTERS:
        mappings = parse(document(include(1, source.schema, "f", *filters)))
        played = [row[0] for row in Capture(mappings, lambda: [table]).rows(table, rows)]
        audited = [row[0] for row in projected(mappings.target(table), rows)]
        wanted = [id for (id,) in source.rows(f"SELECT id FROM f WHERE {where} ORDER BY id")]
        assert played == wanted, f"the task captures WHERE {where}"
        assert audited == wanted, f"and the audit, with code of its own, demands WHERE {where}"


def capture(*filters, table=ORDERS):
    return Capture(parse(document(include(1, "shop", "orders", *filters))), lambda: [table])


def operations(*changes):
    found = capture(only("id", ("lte", "10"))).changes(transaction(*changes))
    return [change.operation for change in found.changes]


def test_changes_of_rows_outside_the_filter_are_left_out():
    outside = (11, *ROW[1:])
    changes = ((None, ROW), (None, outside), (ROW, (7, "sent", None, None)), (outside, None), (ROW, None))
    assert operations(*changes) == ["insert", "update", "delete"], "each kind of change is judged by its own row"


@pytest.mark.parametrize(("before", "after"), [(7, 11), (11, 7)])
def test_an_update_that_carries_a_row_across_the_filter_is_refused(before, after):
    with pytest.raises(PipelineError, match=r"rule 1 \(rule-1\): an update of shop\.orders carried a row across"):
        operations(((before, *ROW[1:]), (after, *ROW[1:])))


@pytest.mark.parametrize("value", ["PAID", "paid ", "páid"])
def test_text_that_only_a_collation_calls_equal_is_refused(value):
    with pytest.raises(PipelineError, match="only in case, accents or trailing spaces"):
        list(capture(only("status", ("eq", "paid"))).rows(ORDERS, [(7, value, None, None)]))


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ([only("Status", ("eq", "x"))], "has no column 'Status'"),
        ([only("note", ("eq", "x"))], "of type longtext, is not played"),
        ([only("status", ("gte", "a"))], "it goes by a collation"),
        ([only("id", ("eq", "seven"))], "cannot be compared with id"),
        ([only("total", ("eq", "NaN"))], "cannot be compared with total"),
        ([only("id", ("like", "7"))], "filter-operator 'like' is none of"),
        ([only("id", ("eq",))], "eq takes value"),
        ([only("id", ("between", "1"))], "between takes start-value and end-value"),
        ([only("id", ("noteq", "1"), ("eq", "2"))], "noteq must be the only condition"),
        ([only("id")], "no filter-conditions"),
        ([{**only("id", ("eq", "1")), "filter-type": "target"}], "of filter-type 'source'"),
    ],
)
def test_a_filter_that_dms_refuses_or_that_is_not_played_is_refused_by_its_rule(filters, said):
    with pytest.raises(PipelineError) as error:
        capture(*filters)
    assert said in str(error.value), "the message says what is wrong"
    assert "rule 1 (rule-1)" in str(error.value), "and with which rule"


def test_a_moment_in_another_form_is_refused():
    at = replace(ORDERS.columns[1], data_type="datetime", column_type="datetime")
    table = replace(ORDERS, columns=(ORDERS.columns[0], at))
    with pytest.raises(PipelineError, match="cannot be compared"):
        capture(only("status", ("gte", "01.02.2026")), table=table)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([include(1, "shop", "%", only("id", ("eq", "1")))], "exact name, no wildcard"),
        (
            [include(1, "shop", "a"), include(2, "shop", "b", only("id", ("eq", "1")), action="exclude")],
            "include rules only",
        ),
    ],
)
def test_filters_belong_to_include_rules_with_exact_names(rules, said):
    with pytest.raises(PipelineError, match=said):
        parse(document(*rules))


def test_a_filtered_table_that_another_rule_selects_too_is_refused():
    rules = include(1, "shop", "%"), include(2, "shop", "orders", only("id", ("eq", "1")))
    with pytest.raises(PipelineError, match="which one's filters DMS heeds is not known"):
        parse(document(*rules)).target(ORDERS)
