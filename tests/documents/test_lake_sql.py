from __future__ import annotations

import re

import pytest
import sqlglot
from sqlglot import exp

from documents.athena_sql import value
from documents.lake_sql import View, shared_views, table_views
from documents.log_columns import NEWEST_FIRST
from documents.table_descriptions import ColumnDescription, TableDescription

DATABASE = "lake"
ODD = "or\"de\\r's"


def table(key: tuple[str, ...] = ("id",), name: str = "orders", **columns: str) -> TableDescription:
    types = columns or {"id": "bigint", "total": "decimal(10,2)", "note": "text"}
    described = tuple(ColumnDescription(name=column, type=kind) for column, kind in types.items())
    return TableDescription(schema="shop", table=name, primary_key=key, columns=described)


def views(described: TableDescription, lines: str = "") -> dict[str, View]:
    return {view.shows: view for view in table_views(DATABASE, "shop_orders", described, lines)}


def parsed(sql: str) -> exp.Query:
    tree = sqlglot.parse_one(sql, read="athena", error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(tree, exp.Query)
    return tree


def strings(sql: str) -> set[str]:
    return {token.text for token in sqlglot.tokenize(sql, read="athena") if token.token_type.name == "STRING"}


def reads(sql: str) -> set[str]:
    tree = parsed(sql)
    own = {common.alias for common in tree.find_all(exp.CTE)}
    return {it.name for it in tree.find_all(exp.Table) if it.name not in own}


@pytest.mark.parametrize(
    "view",
    [*shared_views(DATABASE), *views(table()).values(), *views(table(), "own").values(), *views(table(())).values()],
    ids=lambda view: view.name,
)
def test_a_view_has_the_columns_that_it_declares(view: View):
    assert parsed(view.sql).named_selects == list(view.columns), "Athena would call the view stale"


def test_the_newest_image_of_a_key_is_found_by_a_total_order():
    (window,) = parsed(views(table())["current"].sql).find_all(exp.Window)
    order = [(it.this.name, bool(it.args["desc"])) for it in window.args["order"].expressions]
    assert order == [
        ("cdc_message_time", True),
        ("cdc_commit_time", True),
        ("cdc_transaction_id", True),
        ("cdc_record_id", True),
        ("cdc_leaves", False),
    ], "what arrived first or last must not matter"
    assert not any(it.args["nulls_first"] for it in window.args["order"].expressions)


def test_the_total_order_says_where_nulls_go():
    assert NEWEST_FIRST.count("NULLS LAST") == 3, "a loaded row has no commit time, transaction and record id"


def test_a_key_is_its_value_and_where_that_cannot_be_read_its_text():
    (window,) = parsed(views(table(("id", "note")))["current"].sql).find_all(exp.Window)
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
        bare = {it.name for it in parsed(view.sql).find_all(exp.Column) if not it.this.quoted}
        assert column not in bare, "an unquoted name that a column of the source may have is ambiguous"


def test_without_a_key_there_is_no_current_state():
    assert list(views(table(()))) == ["changes"], "no SQL over the log can count equal rows rightly"


def test_of_a_table_that_is_only_named_the_log_is_shown():
    (changes,) = views(TableDescription(schema="shop", table="orders")).values()
    assert next(iter(changes.columns)) == "cdc_operation"
    assert "cdc_record" in changes.columns, "its values are in the record"


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


def test_a_value_is_taken_by_its_path():
    assert value("line", "metadata", "schema-name") == """json_extract_scalar(line, '$["metadata"]["schema-name"]')"""


@pytest.mark.parametrize(("lines", "raw"), [("", {"records"}), ("shop_orders_lines", {"shop_orders_lines"})])
def test_a_tables_views_read_its_own_lines_where_it_has_some(lines: str, raw: set[str]):
    found = views(table(), lines)
    assert reads(found["changes"].sql) == raw
    assert reads(found["current"].sql) == raw | {"shop_orders_changes"}


def test_every_column_that_is_more_than_text_may_be_named_as_unreadable():
    sql = views(table())["changes"].sql
    assert {"id", "total"} <= strings(sql)
    assert "note" not in strings(sql), "text can always be read"
    assert "CAST(NULL AS varchar) AS cdc_unreadable" in views(table((), note="text"))["changes"].sql


def test_a_key_that_is_not_there_is_named_as_unreadable():
    sql = views(table(("note",), note="text"))["changes"].sql
    assert """CASE WHEN "note" IS NULL THEN 'note' END""" in sql, "a key is never NULL, so the record lacks it"


@pytest.mark.parametrize("count", [1, 200, 201, 1017])
def test_a_wide_table_keeps_to_the_number_of_arguments_that_trino_takes(count: int):
    columns = {f"c{number}": "int" for number in range(count)}
    calls = list(parsed(views(table((), **columns))["changes"].sql).find_all(exp.ConcatWs))
    assert max(len(call.expressions) for call in calls) <= 254, "Too many arguments for string concatenation"
    assert sum(isinstance(it, exp.Case) for call in calls for it in call.expressions) == count


def test_a_line_that_is_not_one_json_text_is_unread():
    (records, *_) = shared_views(DATABASE)
    first = re.search(r"WHEN (.*) THEN '(\w+)'", records.sql)
    assert first
    assert first.groups() == ("TRY(json_parse(cdc_record)) IS NULL", "unread"), (
        "json_extract_scalar takes the first of two records on a line and says nothing of the second"
    )
