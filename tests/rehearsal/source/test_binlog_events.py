"""The reader on events that this server does not write: MySQL 8's dialect, damage, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from database.server import Server
from model import Column, Idle, PipelineError, Position, SchemaChange, Table, Transaction
from rehearsal.source.binlog import reader as binlog
from rehearsal.source.binlog import stream as binlog_stream
from rehearsal.source.binlog.reader import BinlogReader
from rehearsal.source.binlog.stream import IGNORABLE, Event, EventType
from tests.rehearsal.followed import followed

NOWHERE = Server("127.0.0.1", 1, "nobody", "", None)
TABLE = Table(
    schema="shop",
    name="t",
    columns=(Column(name="id", data_type="int", column_type="int"),),
    primary_key=("id",),
)
TABLE_MAP = b"\1\0\0\0\0\0\1\0" + b"\4shop\0" + b"\1t\0" + b"\1\3" + b"\0" + b"\0"  # one INT
ROW_5 = b"\1" + b"\1" + b"\0" + b"\5\0\0\0"  # width, columns present, no NULLs, the value
V2 = b"\1\0\0\0\0\0\1\0" + b"\5\0\1\2\3"  # table 1, flags, five bytes of extra data with its size


@dataclass
class Log:
    """A binlog written by hand."""

    events: list[Event] = field(default_factory=list)

    def add(self, kind: int, body: bytes = b"", flags: int = 0) -> Log:
        at = 4 + 100 * len(self.events)
        begin, end = Position("bin.000001", at), Position("bin.000001", at + 100)
        self.events.append(Event(kind, 1_700_000_000, flags, begin, end, body))
        return self

    def query(self, statement: str) -> Log:
        return self.add(EventType.QUERY, b"\0" * 8 + b"\4" + b"\0\0" + b"\0\0" + b"shop\0" + statement.encode())

    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[Transaction | SchemaChange | Idle]:
        log = self

        class Played:
            def __init__(self, server: Server, start: Position, heartbeat: float) -> None:
                pass

            def __iter__(self) -> Iterator[Event]:
                return iter(log.events)

            def close(self) -> None:
                pass

        monkeypatch.setattr(binlog, "BinlogStream", Played)
        return list(BinlogReader(NOWHERE, Position("bin.000001", 4), followed(TABLE)))


def test_mysql_8_writes_begin_and_version_2_row_events(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log().add(EventType.GTID).query("BEGIN").add(EventType.ROWS_QUERY).add(EventType.TABLE_MAP, TABLE_MAP)
    log.add(EventType.WRITE_ROWS, V2 + ROW_5).add(EventType.XID)

    (transaction,) = log.read(monkeypatch)

    assert isinstance(transaction, Transaction)
    assert [change.after for change in transaction.changes] == [(5,)]
    assert transaction.begin == log.events[0].begin, "it can be read again from its GTID event"
    assert (transaction.end, transaction.committed_at) == (log.events[-1].end, 1_700_000_000)


def test_what_a_transaction_rolls_back_in_the_log_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = (
        Log().query("BEGIN").add(EventType.TABLE_MAP, TABLE_MAP).add(EventType.WRITE_ROWS, V2 + ROW_5).query("ROLLBACK")
    )

    (transaction,) = log.read(monkeypatch)

    assert isinstance(transaction, Transaction)
    assert transaction.changes == ()


def test_a_rollback_to_a_savepoint_that_may_take_back_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log().query("BEGIN").query("SAVEPOINT `s`").add(EventType.TABLE_MAP, TABLE_MAP)
    log.add(EventType.WRITE_ROWS, V2 + ROW_5).query("ROLLBACK TO `s`")

    with pytest.raises(PipelineError, match="takes back rows"):
        log.read(monkeypatch)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (EventType.INCIDENT, "lost events"),
        (EventType.PARTIAL_UPDATE_ROWS, "binlog_row_value_options"),
        (EventType.TRANSACTION_PAYLOAD, "binlog_transaction_compression"),
        *((code, "log_bin_compress") for code in range(165, 172)),
        (20, "unknown type 20"),
        (250, "unknown type 250"),
    ],
)
def test_events_that_may_hold_rows_are_refused(monkeypatch: pytest.MonkeyPatch, kind: int, why: str) -> None:
    with pytest.raises(PipelineError, match=f"at bin.000001:4: .*{why}"):
        Log().add(kind).read(monkeypatch)


def test_an_unknown_event_that_the_server_marks_as_ignorable_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Log().add(250, flags=IGNORABLE).read(monkeypatch) == []


def test_rows_without_their_table_map_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PipelineError, match="without their table map"):
        Log().query("BEGIN").add(EventType.WRITE_ROWS, V2 + ROW_5).read(monkeypatch)


def test_rows_outside_a_transaction_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PipelineError, match="outside a transaction"):
        Log().add(EventType.TABLE_MAP, TABLE_MAP).add(EventType.WRITE_ROWS, V2 + ROW_5).read(monkeypatch)


@pytest.mark.parametrize("damaged", [ROW_5[:-1], ROW_5 + b"\0", b"\2" + ROW_5[1:]], ids=["short", "long", "wider"])
def test_a_row_event_whose_bytes_do_not_come_out_even_is_refused(
    monkeypatch: pytest.MonkeyPatch, damaged: bytes
) -> None:
    log = (
        Log()
        .query("BEGIN")
        .add(EventType.TABLE_MAP, TABLE_MAP)
        .add(EventType.WRITE_ROWS, V2 + damaged)
        .add(EventType.XID)
    )

    with pytest.raises(PipelineError, match=r"a row of shop\.t .*cannot be decoded"):
        log.read(monkeypatch)


def test_idle_does_not_come_within_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log().add(EventType.HEARTBEAT).query("BEGIN").add(EventType.HEARTBEAT).add(EventType.XID)

    assert [type(event) for event in log.read(monkeypatch)] == [Idle, Transaction]


def test_one_flipped_bit_in_an_event_is_found_by_its_checksum() -> None:
    whole = bytes(range(40))
    packet = b"\0" + whole + binlog_stream.zlib.crc32(whole).to_bytes(4, "little")
    begin = Position("bin.000001", 4)

    assert binlog_stream._verified(packet, begin) == whole[19:]
    for place in range(1, len(packet)):
        damaged = bytearray(packet)
        damaged[place] ^= 1
        with pytest.raises(PipelineError, match=r"bin\.000001:4 does not fit its checksum"):
            binlog_stream._verified(bytes(damaged), begin)


def test_a_log_that_goes_on_behind_4_gb_is_refused_when_its_positions_start_over() -> None:
    near_the_end = Position("bin.000001", 2**32 - 10)

    with pytest.raises(PipelineError, match="behind 4 GB"):
        binlog_stream._moved(near_the_end, 90)


def test_a_position_that_the_protocol_cannot_name_is_refused() -> None:
    with pytest.raises(PipelineError, match="behind 4 GB"):
        BinlogReader(NOWHERE, Position("bin.000001", 2**32), followed())
