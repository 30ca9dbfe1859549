"""A small shop: what a DMS task may write of it, line by line, and what its source then has.

Nothing here comes from the code that plays DMS, nor from the code that audits: records are written by hand, in the
expected of published ones, and the source is a dict for each table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from documents.table_descriptions import TableDescription
from documents.versions import Windows
from model import Table
from model.plan import CatalogPlan
from rehearsal.lake import LakeObject
from tests.audit.lakes import column
from tests.rehearsal.athena.catalogs import declared, described, stored

Row = tuple[Any, ...]

NAMES = {"orders": ("id", "note", "total"), "seats": ("hall", "seat", "price")}
"""Columns of the shop's tables."""
KEYS = {"orders": (0,), "seats": (0, 1)}
"""Where their keys stand."""
BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)
ELSEWHERE = (
    '{"control":{},"metadata":{"timestamp":"2026-11-22T10:00:09.000001Z","record-type":"control","operation":'
    '"create-table","partition-key-type":"task-id","partition-key-value":"T","schema-name":"","table-name":'
    '"awsdms_apply_exceptions"}}',
    '{"metadata":{"timestamp":"2026-12-31T10:00:00.000002Z","record-type":"control","operation":"truncate-table",'
    '"schema-name":"shop","table-name":"order"}}',
    '{"metadata":{"timestamp":"2026-12-31T10:00:00.000002Z","record-type":"control","operation":"create-table",'
    '"schema-name":"shop2","table-name":"seats"}}',
    '{"data":{"task_name":"T","id":1},"metadata":{"timestamp":"2026-11-22T11:00:00.000003Z","record-type":"data",'
    '"operation":"insert","schema-name":"","table-name":"awsdms_status","commit-timestamp":"2026-11-22T11:00:00Z",'
    '"transaction-id":9,"transaction-record-id":1}}',
    '{"data":{"id":1,"note":"elsewhere","total":1.00},"metadata":{"timestamp":"2026-12-31T10:00:00.000004Z",'
    '"record-type":"data","operation":"load","schema-name":"shop2","table-name":"orders"}}',
    "",
    " \t ",
    "{",
    "not a record",
    '["metadata"]',
    '{"metadata":{"record-type":"data","operation":"insert","schema-name":"shop","table-name":"orders"}}',
)
"""Lines that are no record of the shop's tables; some are no record at all."""


TABLES = tuple(
    Table(
        schema="shop",
        name=name,
        columns=tuple(map(column, NAMES[name], types)),
        primary_key=tuple(NAMES[name][place] for place in KEYS[name]),
    )
    for name, types in (
        ("orders", ("int", "varchar(20)", "decimal(8,2)")),
        ("seats", ("int", "varchar(4)", "decimal(8,2)")),
    )
)
"""The same, as the source describes them."""
LATER = BEGIN + timedelta(days=30)
_KEY = "raw/dt=%Y-%m-%d/hr=%H/lake-1-"


def key(table: str, row: Row) -> Row:
    """The row's primary key."""
    return tuple(row[place] for place in KEYS[table])


def written(table: str, row: Row, *, without: Sequence[int] = ()) -> str:
    """The row as JSON, but for the columns ``without``."""
    names = NAMES[table]
    members = (
        f'"{name}":{value if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)}'
        for place, (name, value) in enumerate(zip(names, row, strict=True))
        if place not in without
    )
    return "{" + ",".join(members) + "}"


@dataclass(frozen=True)
class Change:
    """What the source's log has: a changed row, or a table that was emptied (no row before and none after)."""

    table: str
    before: Row | None
    after: Row | None
    committed: str
    transaction: int
    number: int
    more: str = ""
    """A member of ``data`` that no description knows yet."""
    hidden: tuple[int, ...] = ()
    """Columns that the before image leaves out."""


@dataclass
class Shop:
    """A source with a task that writes its changes. Each method is something that may happen."""

    rows: dict[str, dict[Row, Row]] = field(default_factory=lambda: {"orders": {}, "seats": {}})
    """What the source has: each table's rows by their key."""
    lines: list[str] = field(default_factory=list)
    """What the task has written."""
    now: datetime = BEGIN
    """The task's clock. Two messages may have one microsecond; only what begins a table anew has one of its own."""
    commits: datetime = BEGIN - timedelta(hours=1)
    transaction: int = 4294967400
    number: int = 0
    captured: list[Change] = field(default_factory=list)
    """Of the log, what the task has written since it last loaded."""
    _queue: list[Change] = field(default_factory=list)
    """Of the log, what it has read and not written yet."""

    def commit(self, seconds: int = 0) -> None:
        """A new transaction begins, ``seconds`` after the last one by the source's clock."""
        self.commits += timedelta(seconds=seconds)
        self.transaction += 1
        self.number = 0

    def change(self, table: str, before: Row | None, after: Row | None, **more: Any) -> None:
        """A row is inserted (no ``before``), updated or deleted (no ``after``)."""
        if before is not None:
            del self.rows[table][key(table, before)]
        if after is not None:
            assert key(table, after) not in self.rows[table], "a source has no two rows of one key"
            self.rows[table][key(table, after)] = after
        self._log(table, before, after, **more)

    def truncate(self, table: str) -> None:
        """The table is emptied at once; no row of it is told."""
        self.commit()
        self.rows[table].clear()
        self._log(table, None, None)

    def _log(self, table: str, before: Row | None, after: Row | None, **more: Any) -> None:
        self.number += 1
        committed = self.commits.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._queue.append(Change(table, before, after, committed, self.transaction, self.number, **more))

    def capture(self, pauses: Sequence[int] = ()) -> None:
        """The task writes what is in its queue; ``pauses`` are the microseconds before each message."""
        for number, change in enumerate(self._queue):
            self._write(change, pauses[number % len(pauses)] if pauses else 1)
        self.captured += self._queue
        self._queue.clear()

    def miss(self) -> None:
        """What is in the queue is never written: the task did not run. Only a load can then help."""
        self._queue.clear()

    def replay(self, count: int) -> None:
        """The task was killed: after its restart it writes the last ``count`` changes again, with times of now."""
        self.now += timedelta(seconds=1)
        for change in self.captured[-count:] if count else ():
            self._write(change, 1)

    def prepare(self, table: str, *, drop: bool = True) -> None:
        """The task begins to load the table: with control records, with or without a DROP TABLE."""
        for operation in ("drop-table", "create-table") if drop else ("create-table",):
            self._control(operation, table)
        self.captured.clear()

    def load(self, table: str, row: Row, pause: int = 1) -> None:
        """The task writes a row that it has read."""
        head = self._head("data", "load", table, pause)
        self.lines.append(f'{{"data":{written(table, row)},"metadata":{{{head}}}}}')

    def _control(self, operation: str, table: str) -> None:
        self.lines.append(f'{{"metadata":{{{self._head("control", operation, table, 1)}}}}}')

    def _write(self, change: Change, pause: int) -> None:
        if change.before is None and change.after is None:
            self._control("truncate-table", change.table)
            return
        operation = "insert" if change.before is None else "delete" if change.after is None else "update"
        head = self._head("data", operation, change.table, pause)
        place = f'"transaction-id":{change.transaction},"transaction-record-id":{change.number}'
        data = written(change.table, change.after or change.before or ())
        if change.more:
            data = data[:-1] + f",{change.more}}}"
        image = ""
        if operation == "update" and change.before:
            image = f'"before-image":{written(change.table, change.before, without=change.hidden)},'
        self.lines.append(
            f'{{"data":{data},{image}"metadata":{{{head},"commit-timestamp":"{change.committed}",{place}}}}}'
        )

    def _head(self, kind: str, operation: str, table: str, pause: int) -> str:
        self.now += timedelta(microseconds=pause)
        time = self.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return (
            f'"timestamp":"{time}","record-type":"{kind}","operation":"{operation}",'
            f'"schema-name":"shop","table-name":"{table}"'
        )


def delivered(lines: Sequence[str], per_object: int = 5) -> list[LakeObject]:
    """The lines in objects, hour after hour."""
    starts = range(0, len(lines), per_object)
    times = [BEGIN + timedelta(hours=number % 40) for number in range(len(starts))]
    return [
        stored("".join(f"{line}\n" for line in lines[start : start + per_object]), f"{time:{_KEY}}{start:05}.json.gz")
        for start, time in zip(starts, times, strict=True)
    ]


def rows_of(shop: Shop) -> Callable[[Table], Iterable[Row]]:
    """The rows of a table, as an audit asks for them."""
    return lambda table: shop.rows[table.name].values()


def catalog(database: str = "lake", **types: str) -> CatalogPlan:
    """What the program declares over the shop's tables, some of whose columns are described by other ``types``."""
    return declared(*_described(types), database=database)


def kept_catalog(windows: Windows, **more: Any) -> CatalogPlan:
    """The same with Iceberg tables, over a raw table with ``more`` parameters."""
    return declared(*_described({}), windows=windows, **more)


def _described(types: Mapping[str, str]) -> list[TableDescription]:
    return [
        described(
            str(table), *table.primary_key, **{it.name: types.get(it.name, it.column_type) for it in table.columns}
        )
        for table in TABLES
    ]


def jumbled(lines: Sequence[str], seed: int) -> list[LakeObject]:
    """The lines and others that are not of the shop, some of them twice, in any order and in objects of any hour."""
    dice = Random(seed)
    everything = [*lines, *dice.choices(lines, k=len(lines) // 4), *dice.choices(ELSEWHERE, k=4)]
    dice.shuffle(everything)
    return delivered(everything, per_object=dice.randint(1, 12))
