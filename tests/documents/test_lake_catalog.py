from __future__ import annotations

import re
from datetime import date

import pytest
from pulumi import RunError

from declaration import Declaration
from documents import lake_catalog
from documents.lake_catalog import catalog, first_day, identifier, view_text
from documents.table_descriptions import ColumnDescription, DescriptionError, TableDescription
from tests.declared import declare


def views(declared: Declaration) -> set[str]:
    tables = declared.all("aws:glue/catalogTable:CatalogTable")
    return {it.inputs["name"] for it in tables if it.inputs["tableType"] == "VIRTUAL_VIEW"}


def table(name: str = "orders", **columns: str) -> TableDescription:
    described = tuple(ColumnDescription(name=column, type=kind) for column, kind in columns.items())
    return TableDescription(schema="shop", table=name, primary_key=tuple(columns)[:1], columns=described)


def refusal(*tables: TableDescription) -> list[str]:
    with pytest.raises(DescriptionError) as refused:
        catalog("lake", tables, by_table=False)
    return str(refused.value).splitlines()[1:]


@pytest.mark.parametrize(
    ("name", "typed"),
    [("cdc-lake-dev", "cdc_lake_dev"), ("shop.Orders", "shop_orders"), ("a b.größe$", "a_b_gr__e_"), ("x.1", "x_1")],
)
def test_a_name_is_made_of_what_athena_takes_without_quotes(name: str, typed: str):
    assert identifier(name) == typed


def test_a_column_that_is_called_like_one_of_the_log_is_refused():
    (line,) = refusal(table(id="int", CDC_record="int"))
    assert line.startswith("  shop.orders, column cdc_record: cdc_ begins the names")
    assert "Remedy: take it out of the description" in line


def test_two_columns_that_differ_in_case_alone_are_refused():
    (line,) = refusal(table(id="int", Id="int"))
    assert line.startswith("  shop.orders, column id: is there 2 times")


def test_a_view_that_glue_does_not_take_is_refused():
    (line,) = refusal(table(**{f"{'c' * 60}{number}": "int" for number in range(600)}))
    assert line.startswith("  shop_orders_changes: its text has ")
    assert "and Glue takes 409600, which is about 421 columns like these 600. Remedy: " in line


def test_a_table_of_a_thousand_columns_is_refused_with_how_many_there_may_be():
    columns = {f"c{number}": "int" for number in range(1000)}
    (line,) = refusal(table(**columns))
    found = re.search(r"about (\d+) columns like these 1000\. Remedy: if nobody queries a column, take it out", line)
    assert found
    some = dict(list(columns.items())[: int(found[1]) - 10])
    assert len(catalog("lake", [table(**some)], by_table=False).views) == 5, "what the refusal says is true"


def test_a_table_of_eight_hundred_columns_is_declared():
    found = catalog("lake", [table(**{f"column_{number}": "int" for number in range(800)})], by_table=True)
    assert len(found.views) == 5, "as many answered on Trino"


@pytest.mark.parametrize(("length", "refused"), [(254, []), (255, []), (256, ["current", "changes"])])
def test_a_view_may_have_the_longest_name_that_glue_takes(length: int, refused: list[str]):
    name = "t" * (length - len("shop__changes"))
    try:
        assert max(len(view.name) for view in catalog("lake", [table(name, id="int")], by_table=True).views) == length
        lines = []
    except DescriptionError as refusal:
        lines = str(refusal).splitlines()[1:]
    assert sorted(lines) == sorted(
        f"  shop_{name}_{kind}: Glue takes 255 characters. Remedy: delete the description; the table is then in the "
        "views of all tables only."
        for kind in refused
    ), "the longest name is no mistake, and one letter more would stop half-way"


@pytest.mark.parametrize(("spare", "refused"), [(1, 0), (0, 0), (-1, 1)])
def test_a_view_may_have_the_longest_text_that_glue_takes(spare: int, refused: int, monkeypatch: pytest.MonkeyPatch):
    described = table(id="int", note="text")
    longest = max(len(view_text("lake", view)) for view in catalog("lake", [described], by_table=False).views)
    monkeypatch.setattr(lake_catalog, "_MOST_TEXT", longest + spare)
    assert len(refusal(described) if refused else catalog("lake", [described], by_table=False).views[5:]) == refused


def test_a_table_of_seven_hundred_columns_is_not_too_wide():
    found = catalog("lake", [table(**{f"{'c' * 16}{number}": "int" for number in range(700)})], by_table=False)
    assert len(found.views) == 5


def test_everything_that_is_wrong_is_told_together():
    lines = refusal(table("a-b", id="int", cdc_x="int"), table("a_b", id="int"), table("t" * 260))
    assert len(lines) == 3


def test_a_table_with_folders_of_its_own_keeps_its_case_in_them():
    found = catalog("lake", [table("Orders", id="int")], by_table=True)
    assert {it.name: it.folder for it in found.raw_tables} == {
        "lines": "",
        "shop_orders_lines": "schema=shop/table=Orders/",
    }, "S3 knows case"


def test_a_table_of_texts_has_nothing_to_be_unreadable_and_one_without_a_key_no_row_to_ask_for():
    found = catalog("lake", [TableDescription(schema="shop", table="orders")], by_table=False)
    assert not [it.name for it in found.questions if "shop_orders" in it.name]


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (["shop.a-b", "shop.a_b"], "shop.a-b and shop.a_b: both are called shop_a_b here"),
        (["shop.Orders", "shop.orders"], "shop.Orders and shop.orders: both are called shop_orders here"),
        (["shop_a.b", "shop.a_b"], "shop.a_b and shop_a.b: both are called shop_a_b here"),
        ([f"shop.{'t' * 250}"], "Glue takes 255 characters"),
    ],
)
def test_names_that_the_catalog_cannot_hold_are_refused_before_anything_is_made(tables: list[str], says: str):
    with pytest.raises(RunError) as refusal:
        declare("dev", config={"tables": tables})
    assert says in str(refusal.value)
    assert "Remedy: " in str(refusal.value)


def test_the_remedy_for_two_tables_of_one_name_is_one():
    declared = declare("dev", config={"tables": ["shop.a-b", "shop.a_[b]"]})
    assert views(declared) == {"records", "changes", "control_records", "shop_a_b_changes"}


@pytest.mark.parametrize(
    ("start", "kept_days", "begin"),
    [
        ("2026-01-01", 0, "2026-01-01"),
        ("2026-01-01", 90, "NOW-91DAYS"),
        ("2026-08-23", 90, "NOW-91DAYS"),
        ("2026-08-24", 90, "2026-08-24"),
        ("2026-08-25", 90, "2026-08-25"),
        ("2026-11-01", 90, "2026-11-01"),
        ("2026-01-01", 2555, "2026-01-01"),
    ],
)
def test_projected_days_begin_no_earlier_than_the_first_object_can_be(start: str, kept_days: int, begin: str):
    assert first_day(start, kept_days, date(2026, 11, 23)) == begin, "each query looks into every hour since then"
