"""The SQL of the lake's views, parsed as Athena's."""

from __future__ import annotations

import pytest
from sqlglot import exp

from documents.lake_sql import View, shared_views
from tests.documents.test_lake_sql import DATABASE, table, views
from tests.interop.parsed import query, reads, strings

ODD = "or\"de\\r's"


@pytest.mark.parametrize(
    "view",
    [*shared_views(DATABASE), *views(table()).values(), *views(table(), "own").values(), *views(table(())).values()],
    ids=lambda view: view.name,
)
def test_a_view_has_the_columns_that_it_declares(view: View):
    assert query(view.sql).named_selects == list(view.columns), "Athena would call the view stale"


def test_the_newest_image_of_a_key_is_found_by_a_total_order():
    (window,) = query(views(table())["current"].sql).find_all(exp.Window)
    order = [(it.this.name, bool(it.args["desc"])) for it in window.args["order"].expressions]
    assert order == [
        ("cdc_message_time", True),
        ("cdc_commit_time", True),
        ("cdc_transaction_id", True),
        ("cdc_record_id", True),
        ("cdc_leaves", False),
    ], "what arrived first or last must not matter"
    assert not any(it.args["nulls_first"] for it in window.args["order"].expressions)


def test_a_key_is_its_value_and_where_that_cannot_be_read_its_text():
    (window,) = query(views(table(("id", "note")))["current"].sql).find_all(exp.Window)
    assert [it.sql("athena") for it in window.args["partition_by"]] == [
        "TRY_CAST(cdc_key_1 AS BIGINT)",
        "CASE WHEN TRY_CAST(cdc_key_1 AS BIGINT) IS NULL THEN COALESCE(cdc_key_1, cdc_record) END",
        "cdc_key_2",
        "CASE WHEN cdc_key_2 IS NULL THEN COALESCE(cdc_key_2, cdc_record) END",
    ], "rows whose key is not there or cannot be read must not become one row"


def test_a_changed_key_is_seen_in_any_of_its_columns():
    sql = views(table(("id", "note")))["current"].sql
    assert sql.count("IS DISTINCT FROM") == 2
    assert {'$["before-image"]["id"]', '$["before-image"]["note"]'} <= strings(sql)


def test_a_table_begins_anew_where_it_was_created_dropped_or_emptied():
    assert {"control", "create-table", "drop-table", "truncate-table"} <= strings(views(table())["current"].sql)


@pytest.mark.parametrize("column", ["since", "line", "dt", "hr", "records", "images", "anew", "select", "order"])
def test_a_column_may_be_called_like_something_in_the_sql(column: str):
    for view in views(table((column,), **{column: "int"})).values():
        bare = {it.name for it in query(view.sql).find_all(exp.Column) if not it.this.quoted}
        assert column not in bare, "an unquoted name that a column of the source may have is ambiguous"


def test_names_are_text_wherever_they_stand_as_text():
    odd = table((ODD,), ODD, **{ODD: "bigint"})
    for view in views(odd).values():
        assert ODD in strings(view.sql), "the table's name"
        assert ODD in view.columns
    path = '$["data"]["or\\"de\\\\r\'s"]'
    assert path in strings(views(odd)["changes"].sql), 'in a path " and \\ are escaped once more'


def test_a_name_is_taken_from_the_record_as_it_is_and_shown_in_lower_case():
    view = views(table(("Id",), Id="bigint", Größe="int"))["changes"]
    assert {'$["data"]["Id"]', '$["data"]["Größe"]'} <= strings(view.sql), "JSON knows case"
    assert list(view.columns)[:2] == ["id", "größe"], "Athena does not"


@pytest.mark.parametrize(("lines", "raw"), [("", {"records"}), ("shop_orders_lines", {"shop_orders_lines"})])
def test_a_tables_views_read_its_own_lines_where_it_has_some(lines: str, raw: set[str]):
    found = views(table(), lines)
    assert reads(found["changes"].sql) == {(DATABASE, name) for name in raw}
    assert reads(found["current"].sql) == {(DATABASE, name) for name in raw | {"shop_orders_changes"}}


def test_every_column_that_is_more_than_text_may_be_named_as_unreadable():
    sql = views(table())["changes"].sql
    assert {"id", "total"} <= strings(sql)
    assert "note" not in strings(sql), "text can always be read"
    assert "CAST(NULL AS varchar) AS cdc_unreadable" in views(table((), note="text"))["changes"].sql


@pytest.mark.parametrize("count", [1, 200, 201, 1017])
def test_a_wide_table_keeps_to_the_number_of_arguments_that_trino_takes(count: int):
    columns = {f"c{number}": "int" for number in range(count)}
    calls = list(query(views(table((), **columns))["changes"].sql).find_all(exp.ConcatWs))
    assert max(len(call.expressions) for call in calls) <= 254, "Too many arguments for string concatenation"
    assert sum(isinstance(it, exp.Case) for call in calls for it in call.expressions) == count
