"""The SQL of the lake's views, parsed as Athena's."""

from __future__ import annotations

import pytest
from sqlglot import exp

from documents.lake_sql import View, shared_views
from documents.table_descriptions import TableDescription
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
    current = query(views(table(("id", "note")))["current"].sql)
    (window,) = current.find_all(exp.Window)
    shown = {it.alias: it.this.sql("athena") for it in current.find_all(exp.Alias)}
    assert [shown[it.name] for it in window.args["partition_by"]] == [
        "TRY_CAST(cdc_key_1 AS BIGINT)",
        "CASE WHEN TRY_CAST(cdc_key_1 AS BIGINT) IS NULL THEN COALESCE(cdc_key_1, cdc_record) END",
        "cdc_key_2",
        "CASE WHEN cdc_key_2 IS NULL THEN COALESCE(cdc_key_2, cdc_record) END",
    ], "rows whose key is not there or cannot be read must not become one row"


def test_the_key_that_is_shown_is_what_is_ranked_by():
    current = query(views(table(("id", "note")))["current"].sql)
    (window,) = current.find_all(exp.Window)
    assert {"id", "note"} <= {it.name for it in window.args["partition_by"]} & set(current.named_selects), (
        "only a condition on what partitions is looked at before the ranking, and who asks for one row ranks all"
    )


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


def test_every_column_may_be_named_as_unreadable():
    sql = views(table())["changes"].sql
    assert {"id", "total", "note"} <= strings(sql), "a text too: there may be an object in its place"
    nothing = TableDescription(schema="shop", table="orders")
    assert "CAST(NULL AS varchar) AS cdc_unreadable" in views(nothing)["changes"].sql


@pytest.mark.parametrize("count", [1, 50, 51, 126, 127, 400])
def test_a_wide_table_keeps_to_the_limits_of_trino(count: int):
    columns = {f"c{number}": "int" for number in range(count)}
    keys = tuple(columns)[:16]
    changes = query(views(table(keys, **columns))["changes"].sql)
    calls = list(changes.find_all(exp.ConcatWs))
    assert max(len(call.expressions) for call in calls) <= 127, "Too many arguments for function call concat_ws()"
    parts = [call for call in calls if call.find(exp.JSONExtract) or call.find(exp.Is)]
    named = [name.this for call in parts for it in call.expressions[1:] for name in [it.args["true"]]]
    assert sorted(named) == sorted(columns), "each once"
    assert max(len(call.expressions) for call in parts) <= 51, "QUERY_EXCEEDED_COMPILER_LIMIT at 250 columns and more"


def test_a_part_of_what_is_unreadable_is_used_twice_outside():
    changes = query(views(table())["changes"].sql)
    (used,) = [it for it in changes.selects if it.alias == "cdc_unreadable"]
    assert [it.name for it in used.find_all(exp.Column)] == ["cdc_unreadable_0"] * 2, (
        "used once, the optimizer would put all parts into one expression, which outgrows a method of the JVM"
    )
    (part,) = [it for it in changes.find_all(exp.Alias) if it.alias == "cdc_unreadable_0"]
    assert part.find_ancestor(exp.Select) is not changes
