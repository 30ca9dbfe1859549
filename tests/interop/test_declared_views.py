"""The views of the declared catalog: their SQL gives what they declare and reads what is there."""

from __future__ import annotations

import pytest

from declaration import Declaration
from tests.components.test_lake_query import PARTITIONED, TABLE, definition, views
from tests.declared import declare
from tests.interop.parsed import query, reads


@pytest.fixture(scope="module")
def partitioned() -> Declaration:
    return declare("dev", config=PARTITIONED)


@pytest.mark.parametrize("layout", ["dev", "partitioned"])
def test_a_view_gives_the_columns_that_it_declares_from_tables_that_are_there(
    request: pytest.FixtureRequest, layout: str
):
    declared: Declaration = request.getfixturevalue(layout)
    there = {(it.inputs["databaseName"], it.inputs["name"]) for it in declared.all(TABLE)}
    for view in views(declared).values():
        defined = definition(view)
        names = [column["name"] for column in defined["columns"]]
        assert query(defined["originalSql"]).named_selects == names, "Athena would call the view stale"
        assert reads(defined["originalSql"]) <= there


def test_with_folders_by_table_a_tables_views_read_its_own(partitioned: Declaration):
    read = reads(definition(views(partitioned)["dms_sample_ticket_changes"])["originalSql"])
    assert read == {("cdc_lake_dev", "dms_sample_ticket_lines")}


def test_a_table_whose_folder_has_no_sure_name_is_read_from_all_lines():
    declared = declare("dev", config={**PARTITIONED, "tables": ["shop.my orders", "shop.items"]})
    (read,) = reads(definition(views(declared)["shop_my_orders_changes"])["originalSql"])
    assert read == ("cdc_lake_dev", "records")
