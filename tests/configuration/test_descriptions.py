from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi import RunError

from configuration.descriptions import described
from configuration.settings import SettingsError
from documents.table_descriptions import ColumnDescription, TableDescription
from documents.table_patterns import TablePattern

ORDERS: dict[str, Any] = {
    "schema": "shop",
    "table": "orders",
    "primaryKey": ["id"],
    "columns": [{"name": "id", "type": "bigint"}, {"name": "note", "type": "text"}],
}


def known(folder: Path, tables: tuple[str, ...], *excluded: str) -> list[str]:
    parsed = [TablePattern.parse(text) for text in tables], [TablePattern.parse(text) for text in excluded]
    return [str(table) for table in described(*parsed, folder=folder)]


def written(folder: Path, name: str = "shop.orders.json", **changes: Any) -> Path:
    document = {key: value for key, value in (ORDERS | changes).items() if value is not None}
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_file_tells_columns_and_key(tmp_path: Path):
    (table,) = described([TablePattern("shop", "%")], folder=written(tmp_path))
    columns = (ColumnDescription(name="id", type="bigint"), ColumnDescription(name="note", type="text"))
    assert table == TableDescription(schema="shop", table="orders", primary_key=("id",), columns=columns)


def test_of_a_table_without_a_file_only_a_full_name_is_known(tmp_path: Path):
    assert described([TablePattern("shop", "orders")], folder=tmp_path) == (
        TableDescription(schema="shop", table="orders"),
    )
    assert known(tmp_path, ("shop.%",)) == [], "who knows what a pattern finds?"


@pytest.mark.parametrize("tables", [("shop.%", "shop.orders"), ("shop.orders",), ("sho%.order[_s]",), ("shop.[a-o]%",)])
def test_a_described_table_is_known_once_however_it_is_captured(tmp_path: Path, tables: tuple[str, ...]):
    (table,) = described([TablePattern.parse(text) for text in tables], folder=written(tmp_path))
    assert table.columns, "its file says more than its name"


@pytest.mark.parametrize(
    "tables", [("shop.order",), ("Shop.orders",), ("crm.%",), ("shop.order[a-r]",), ("sho%.order_",)]
)
def test_a_description_of_a_table_that_is_not_captured_is_not_used(tmp_path: Path, tables: tuple[str, ...]):
    assert "shop.orders" not in known(written(tmp_path), tables), "its views would be empty for ever"


def test_an_excluded_table_is_not_captured(tmp_path: Path):
    assert known(written(tmp_path), ("shop.%", "shop.items"), "shop.order%") == ["shop.items"]


def test_a_dot_in_a_tables_name_is_part_of_it(tmp_path: Path):
    folder = written(tmp_path, "odd.json", table="v1.orders")
    assert known(folder, ("shop.v1.orders",)) == ["shop.v1.orders"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"columns": None}, "KeyError: 'columns'"),
        ({"columns": []}, "it has no columns"),
        ({"columns": [{"name": "id"}]}, "KeyError: 'type'"),
        ({"columns": [{"name": "id", "type": 3}]}, "3 where a name or a type must stand"),
        ({"primaryKey": ["Id"]}, "primaryKey names Id"),
        ({"schema": ""}, "'' where a name"),
        ({"table": None}, "KeyError: 'table'"),
    ],
)
def test_a_file_that_is_no_description_is_refused_by_name(tmp_path: Path, changes: dict[str, Any], says: str):
    with pytest.raises(SettingsError) as refusal:
        known(written(tmp_path, **changes), ("shop.%",))
    text = str(refusal.value)
    assert text.startswith("schemas/shop.orders.json")
    assert says in text
    assert "python -m rehearsal describe" in text, "what to do about it"


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"a":' * 100_000, '{"schema": "\\ud800"}', "NaN"])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, text: str):
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^schemas/a\.json is no description"):
        known(tmp_path, ("shop.%",))


def test_two_files_of_one_table_are_refused(tmp_path: Path):
    written(tmp_path, "copy.json")
    with pytest.raises(SettingsError, match=r"shop\.orders\.json describes shop\.orders, which another"):
        known(written(tmp_path), ("shop.%",))


def test_a_refusal_reaches_the_user_without_a_traceback():
    assert issubclass(SettingsError, RunError), "pulumi up prints the message of a RunError alone"
