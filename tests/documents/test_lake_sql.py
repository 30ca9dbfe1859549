from __future__ import annotations

import re

from documents.athena_sql import value
from documents.lake_sql import View, shared_views, table_views
from documents.log_columns import NEWEST_FIRST
from documents.table_descriptions import ColumnDescription, TableDescription

DATABASE = "lake"


def table(key: tuple[str, ...] = ("id",), name: str = "orders", **columns: str) -> TableDescription:
    types = columns or {"id": "bigint", "total": "decimal(10,2)", "note": "text"}
    described = tuple(ColumnDescription(name=column, type=kind) for column, kind in types.items())
    return TableDescription(schema="shop", table=name, primary_key=key, columns=described)


def views(described: TableDescription, lines: str = "") -> dict[str, View]:
    return {view.shows: view for view in table_views(DATABASE, "shop_orders", described, lines)}


def test_the_total_order_says_where_nulls_go():
    assert NEWEST_FIRST.count("NULLS LAST") == 3, "a loaded row has no commit time, transaction and record id"


def test_without_a_key_there_is_no_current_state():
    assert list(views(table(()))) == ["changes"], "no SQL over the log can count equal rows rightly"


def test_of_a_table_that_is_only_named_the_log_is_shown():
    (changes,) = views(TableDescription(schema="shop", table="orders")).values()
    assert next(iter(changes.columns)) == "cdc_operation"
    assert "cdc_record" in changes.columns, "its values are in the record"


def test_a_value_is_taken_by_its_path():
    assert value("line", "metadata", "schema-name") == """json_extract_scalar(line, '$["metadata"]["schema-name"]')"""


def test_a_key_that_is_not_there_is_named_as_unreadable():
    sql = views(table(("note",), note="text"))["changes"].sql
    assert """IF("note" IS NULL, 'note')""" in sql, "a key is never NULL, so the record lacks it"


def test_a_line_that_is_not_one_json_text_is_unread_and_no_depth_of_it_ends_a_query():
    (records, *_) = shared_views(DATABASE)
    first = re.search(r"WHEN (.*) THEN '(\w+)'", records.sql)
    assert first
    assert first.groups() == (
        """TRY(json_extract_scalar(array_join(ARRAY['[', cdc_record, ',"the end of the line"]'], ''), '$[1]')) """
        "IS DISTINCT FROM 'the end of the line'",
        "unread",
    ), "json_extract_scalar takes the first of two records on a line and says nothing of the second"
    assert "json_parse" not in records.sql, "it goes down level by level, and TRY does not catch where that ends"
    assert "||" not in records.sql, "what it makes ends at a megabyte, and a record of Kinesis may be larger"
