"""The query by which Firehose finds a record's folder, run by jq."""

from __future__ import annotations

from typing import Any

import jq
import pytest

from declaration import Declaration
from tests.components.test_partition_by_table import query
from tests.declared import declare


@pytest.fixture(scope="module")
def by_table() -> Declaration:
    return declare("dev", config={"partitionByTable": True, "bufferSizeMb": 64})


@pytest.mark.parametrize(
    ("metadata", "folder"),
    [
        ({"schema-name": "shop", "table-name": "orders"}, ("shop", "orders")),
        ({"schema-name": "", "table-name": "awsdms_apply_exceptions"}, ("_none", "awsdms_apply_exceptions")),
        ({"schema-name": None, "table-name": ""}, ("_none", "_none")),
        ({}, ("_none", "_none")),
        (None, ("_none", "_none")),
    ],
    ids=str,
)
def test_every_record_has_a_folder(by_table: Declaration, metadata: Any, folder: tuple[str, str]):
    (found,) = jq.compile(query(by_table)).input_value({"metadata": metadata}).all()
    assert (found["schema"], found["table"]) == folder, "a key that is null or empty is a failure to Firehose"
