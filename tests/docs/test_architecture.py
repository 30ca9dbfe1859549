"""The way of one row in docs/architecture.md: the documented change, played through the code of each hop."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mappings.table_mappings import parse
from model import Change, Column, Position, Table, Transaction
from model.plan import Plan
from rehearsal.athena import Athena
from rehearsal.delivery.prefixes import compile_prefixes
from rehearsal.plan.pipeline import read_plan
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import kinesis_settings, task_settings
from tests.declared import declare
from tests.rehearsal.athena.catalogs import stored

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
(RECORD,) = re.findall(r"```json\n\s*(\{.+\})\n", PAGE)
(QUERY,) = re.findall(r"```sql\n\s*(SELECT .+)\n", PAGE)
(ANSWER,) = re.findall(r"```text\n\s*(update .+)\n", PAGE)
TICKET = Table(
    schema="dms_sample",
    name="ticket",
    columns=(
        Column(name="id", data_type="bigint", column_type="bigint(20) unsigned"),
        Column(name="performance_id", data_type="int", column_type="int(11)"),
        Column(name="band", data_type="tinyint", column_type="tinyint(4)"),
        Column(name="seat", data_type="varchar", column_type="varchar(20)", charset="utf8mb4", length=20),
        Column(name="price", data_type="decimal", column_type="decimal(10,2)", precision=10, scale=2),
        Column(name="holder_id", data_type="bigint", column_type="bigint(20) unsigned"),
        Column(name="barcode", data_type="binary", column_type="binary(16)", length=16),
        Column(name="changed_at", data_type="datetime", column_type="datetime(6)", precision=6),
    ),
    primary_key=("id",),
)
BARCODE = bytes.fromhex("6a29a5c75f2edbd22364c764909764a0")
FREE = (3259, 10, 2, "K-3259", Decimal("35.97"), None, BARCODE, None)
SOLD = (3259, 10, 2, "K-3259", Decimal("35.97"), 1861, BARCODE, "2026-04-01 00:58:26.760826")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(declare("dev"))


def test_the_record_is_what_the_replication_writes(plan: Plan):
    told = json.loads(RECORD)["metadata"]["timestamp"]
    target = parse(plan.replication.table_mappings).target
    writer = RecordWriter(
        task_settings(plan.replication.settings),
        kinesis_settings(plan.replication.kinesis),
        lambda: told,  # pyrefly: ignore[bad-argument-type] -- a clock that stands still
        target,
    )
    transaction = Transaction(
        begin=Position("mysql-bin-changelog.000001", 2659696),
        end=Position("mysql-bin-changelog.000001", 2661389),
        committed_at=int(datetime(2026, 11, 25, 14, 2, 42, tzinfo=UTC).timestamp()),
        changes=(Change(table=TICKET, before=FREE, after=SOLD),) * 8,
    )
    *_, record = writer.changes(transaction)
    assert record.data.decode() == RECORD
    assert f"partition key `{record.partition_key}`" in PAGE


def test_the_object_lies_where_the_page_says(plan: Plan):
    prefix, _ = compile_prefixes(plan.delivery.prefix, plan.delivery.error_prefix)
    at = datetime.fromisoformat(json.loads(RECORD)["metadata"]["timestamp"])
    assert f"`{prefix.evaluate(at)}`" in PAGE


def test_the_view_gives_the_row_that_the_page_shows(plan: Plan):
    assert plan.catalog
    key = "raw/dt=2026-11-25/hr=14/one.json.gz"
    with Athena(plan.catalog, [stored(f"{RECORD}\n", key)], now=datetime(2026, 11, 25, 15, tzinfo=UTC)) as athena:
        rows = list(athena.run(QUERY).rows)
    assert [" | ".join(map(str, row)) for row in rows] == [ANSWER]
