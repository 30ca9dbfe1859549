"""Lakes written by hand: DMS records as text, put into objects, beside the source rows that they must lead to.

Nothing here comes from the code that plays DMS. A value is written twice, as the source has it and as the lake's JSON
has it, so that a test can set the two against each other.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from audit import AuditResult, Expectations, Finding, audit
from audit.log.spool import MOST
from model import Column, Row, Table

DECLARED = Expectations(before_image="before-image", null_and_empty=True, transaction_details=True)
"""What the pipeline declares."""
TICK = timedelta(microseconds=1371)
"""From one record of a task to the next."""


def column(name, column_type, **more):
    return Column(name=name, data_type=column_type.split("(")[0].split(" ")[0], column_type=column_type, **more)


ORDERS = Table(
    schema="shop",
    name="orders",
    columns=(
        column("id", "bigint(20) unsigned"),
        column("status", "varchar(20)"),
        column("total", "decimal(12,2)"),
        column("note", "varchar(200)"),
    ),
    primary_key=("id",),
)
SEATS = Table(
    schema="shop",
    name="seats",
    columns=(column("hall", "int(11)"), column("seat", "varchar(4)"), column("price", "decimal(8,2)")),
    primary_key=("hall", "seat"),
)
VISITS = Table(schema="shop", name="visits", columns=(column("page", "varchar(50)"), column("ms", "int(11)")))


def fragments(row: Row) -> tuple[str, ...]:
    """``row`` as JSON texts; enough for numbers, text and NULL."""
    return tuple(str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False) for value in row)


@dataclass(frozen=True)
class Sent:
    """A record as it was sent; ``replace`` a part to falsify it."""

    operation: str
    table: Table | None
    timestamp: str
    data: tuple[str, ...] = ()
    before: tuple[str, ...] | None = None
    commit: str = ""
    transaction: tuple[int, int] = (0, 0)
    previous: tuple[int, int] = (0, 0)

    @property
    def line(self) -> str:
        schema, name = (self.table.schema, self.table.name) if self.table else ("", "awsdms_apply_exceptions")
        kind = "data" if self.data else "control"
        parts = [f'"timestamp":"{self.timestamp}","record-type":"{kind}","operation":"{self.operation}"']
        parts.append(f'"partition-key-type":"schema-table","schema-name":"{schema}","table-name":"{name}"')
        if self.commit:
            parts.append(f'"transaction-id":{self.transaction[0]},"transaction-record-id":{self.transaction[1]}')
            if self.previous != (0, 0):
                parts.append(f'"prev-transaction-id":{self.previous[0]}')
                parts.append(f'"prev-transaction-record-id":{self.previous[1]}')
            parts.append(f'"commit-timestamp":"{self.commit}","stream-position":"mysql-bin-changelog.000002.77"')
        metadata = '"metadata":{' + ",".join(parts) + "}"
        if not self.data:
            return "{" + metadata + "}"
        image = f'"before-image":{self._object(self.before)},' if self.before is not None else ""
        return "{" + f'"data":{self._object(self.data)},{image}{metadata}' + "}"

    def _object(self, values: tuple[str, ...]) -> str:
        assert self.table
        names = [column.name for column in self.table.columns]
        members = (f'"{name}":{value}' for name, value in zip(names, values, strict=True) if value)
        return "{" + ",".join(members) + "}"

    def saying(self, *, before=False, **values: str) -> Sent:
        """The same record with other JSON texts in some columns (in the before image, with ``before``)."""
        assert self.table
        names = [column.name for column in self.table.columns]
        row = list(self.before or () if before else self.data)
        for name, value in values.items():
            row[names.index(name)] = value
        return replace(self, before=tuple(row)) if before else replace(self, data=tuple(row))


@dataclass
class Task:
    """Writes records as a DMS task does, and keeps the source's rows beside them."""

    sent: list[Sent] = field(default_factory=list)
    rows: dict[Table, list[Row]] = field(default_factory=dict)
    now: datetime = datetime(2026, 11, 22, 10)
    transaction: int = 87978110091470
    previous: tuple[int, int] = (87978110091470, 3)

    def control(self, operation: str, table: Table | None) -> None:
        self.sent.append(Sent(operation, table, self._tick()))

    def load(self, table: Table, *rows: Row, written: Callable[[Row], tuple[str, ...]] = fragments) -> None:
        for row in rows:
            self.rows.setdefault(table, []).append(row)
            self.sent.append(Sent("load", table, self._tick(), written(row)))

    def pause(self, seconds: int = 60) -> None:
        self.now += timedelta(seconds=seconds)

    def commit(self, *changes: tuple, at: datetime | None = None, source: bool = True, written=fragments) -> None:
        """One transaction of (table, old row or None, new row or None). ``source=False``: the rows know it already."""
        self.transaction += 7
        committed = f"{(at or self.now).replace(microsecond=0).isoformat()}.000000Z"
        for number, (table, old, new) in enumerate(changes, start=1):
            if source:
                self._apply(table, old, new)
            operation = "insert" if old is None else "delete" if new is None else "update"
            place = (self.transaction, number)
            data, before = written(old if new is None else new), written(old) if old and new else None
            record = Sent(operation, table, self._tick(), data, before, committed, place, self.previous)
            self.previous = place
            self.sent.append(record)

    def _apply(self, table: Table, old: Row | None, new: Row | None) -> None:
        rows = self.rows.setdefault(table, [])
        if old is not None:
            rows.remove(old)
        if new is not None:
            rows.append(new)

    def _tick(self) -> str:
        self.now += TICK
        return self.now.isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True)
class Delivered:
    """An object of the lake."""

    key: str
    body: bytes
    etag: str = ""


def deliver(lines: Iterable[str], key: str = "raw/dt=2026-11-22/hr=10/lake-1-0000.json.gz") -> Delivered:
    text = "".join(f"{line}\n" for line in lines).encode()
    body = gzip.compress(text, mtime=0) if key.endswith(".gz") else text
    return Delivered(key, body, hashlib.md5(body).hexdigest())


def objects(sent: Sequence[Sent], per_object: int = 5) -> list[Delivered]:
    starts = range(0, len(sent), per_object)
    name = "raw/dt=2026-11-22/hr=10/lake-1-{:04}.json.gz"
    return [deliver((s.line for s in sent[n : n + per_object]), name.format(n // per_object)) for n in starts]


def judge(
    lake: Sequence[Sent] | Sequence[Delivered],
    rows: Mapping[Table, Sequence[Row]],
    expectations: Expectations = DECLARED,
    most: int = MOST,
) -> AuditResult:
    """Audit ``lake``, records or objects, against ``rows``; in shares if its lines have more than ``most`` bytes."""
    delivered = [item for item in lake if isinstance(item, Delivered)] or objects(
        [s for s in lake if isinstance(s, Sent)]
    )
    return audit(delivered, rows, rows.__getitem__, expectations, most=most)


def findings(result: AuditResult) -> list[Finding]:
    return result.listed_findings


def notes(result: AuditResult) -> list[Finding]:
    return [note for found in (result.notes, *(t.notes for t in result.tables.values())) for note in found.listed]


def shop() -> Task:
    """A realistic lake: a load of three tables, changes during it, and transactions after it of every kind."""
    task, dollars = Task(), Decimal
    task.control("create-table", None)
    for table in (ORDERS, SEATS):
        task.control("drop-table", table)
        task.control("create-table", table)
    first = (1, "new", dollars("10.50"), None)
    task.load(ORDERS, first, (2, "paid", dollars("7.00"), "größer 🎟"), (3, "new", dollars("0.10"), ""))
    task.load(SEATS, *((hall, seat, dollars("20.00")) for hall in (1, 2) for seat in ("A1", "A2", "A3")))
    task.pause()
    paid = (1, "paid", dollars("10.50"), None)
    task.commit((ORDERS, first, paid), (SEATS, (1, "A1", dollars("20.00")), (1, "A1", dollars("25.00"))))
    task.commit((ORDERS, None, (4, "new", dollars("99999999.99"), "a\nb")))
    task.pause(1)
    sent = (1, "sent", dollars("10.50"), "by post")
    task.commit((ORDERS, paid, sent))
    task.commit((ORDERS, sent, (1, "done", dollars("10.50"), None)), (ORDERS, (3, "new", dollars("0.10"), ""), None))
    task.commit((SEATS, (2, "A3", dollars("20.00")), (2, "B9", dollars("20.00"))))  # a changed primary key
    task.commit((SEATS, (1, "A1", dollars("25.00")), (1, "A1", dollars("26.00"))))
    task.pause(1)
    task.commit((ORDERS, None, (5, "new", dollars("1.00"), None)), (ORDERS, (5, "new", dollars("1.00"), None), None))
    task.commit((SEATS, (1, "A2", dollars("20.00")), None))
    task.commit((SEATS, None, (1, "A2", dollars("30.00"))))
    return task
