"""Binlog reader: committed transactions and schema changes, read from a server's binlog as a replica would.

The rules of this module:

* only whole, committed transactions come out; what was rolled back never does;
* rows of tables that are not asked for are passed over undecoded;
* whatever may hold rows and cannot be decoded exactly is refused with PipelineError, never passed over: DMS loses
  rows in silence in some of these cases, a rehearsal must not
  (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.Limitations).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from model import Change, Idle, PipelineError, Position, SchemaChange, Transaction
from rehearsal.source.binlog.decode import DefinitionMismatchError
from rehearsal.source.binlog.foreign import is_foreign
from rehearsal.source.binlog.queries import query
from rehearsal.source.binlog.rows import DELETE, INSERT, UPDATE, RowDecoder, TableMap, table_map
from rehearsal.source.binlog.statements import Meaning, meaning
from rehearsal.source.binlog.stream import IGNORABLE, BinlogStream, Event, EventType
from rehearsal.source.connection.server import Server
from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.definitions.dialect import Session

_OPERATIONS: Mapping[int, str] = {
    EventType.WRITE_ROWS_V1: INSERT,
    EventType.UPDATE_ROWS_V1: UPDATE,
    EventType.DELETE_ROWS_V1: DELETE,
    EventType.WRITE_ROWS: INSERT,
    EventType.UPDATE_ROWS: UPDATE,
    EventType.DELETE_ROWS: DELETE,
}
_NO_TABLE = 0xFFFFFF  # the table id of a row event without rows, which only ends a statement

_NOT_FOR_ROWS = frozenset(
    {
        *(
            EventType.STOP,
            EventType.ROTATE,
            EventType.FORMAT_DESCRIPTION,
            EventType.PREVIOUS_GTIDS,
            EventType.GTID_LIST,
            EventType.BINLOG_CHECKPOINT,
        ),
        *(
            EventType.START_ENCRYPTION,
            EventType.TRANSACTION_CONTEXT,
            EventType.VIEW_CHANGE,
            EventType.IGNORABLE,
        ),
        *(EventType.ROWS_QUERY, EventType.ANNOTATE_ROWS),
        *(EventType.INTVAR, EventType.RAND, EventType.USER_VAR),  # belong to a statement, which is refused itself
    }
)
_COMPRESSED = (
    "the binlog is compressed, which DMS does not support: set log_bin_compress (MariaDB) or "
    "binlog_transaction_compression (MySQL) to OFF"
)
_REFUSED: Mapping[int, str] = {
    EventType.INCIDENT: "the server lost events at this place (incident): reload the tables",
    EventType.PARTIAL_UPDATE_ROWS: "an update holds only parts of JSON values: clear binlog_row_value_options",
    EventType.TRANSACTION_PAYLOAD: _COMPRESSED,
    **dict.fromkeys(range(EventType.QUERY_COMPRESSED, EventType.QUERY_COMPRESSED + 7), _COMPRESSED),
}


class BinlogReader:
    """Iterates what happened from ``start`` on: ``Transaction``, ``SchemaChange``, and ``Idle`` while nothing comes.

    A transaction without captured changes comes out too, empty, for its ``end`` tells how far the log is read.
    ``definitions`` are those at ``start``; they follow: behind a SchemaChange they are as its statement left them.
    Raises PipelineError as the module says. ``idle_after`` is in seconds.
    """

    def __init__(self, server: Server, start: Position, definitions: Definitions, *, idle_after: float = 0.05) -> None:
        self._stream = BinlogStream(server, start, heartbeat=idle_after)
        self._definitions = definitions
        self._decoders: dict[bytes, RowDecoder | None] = {}
        self._by_id: dict[int, RowDecoder | None] = {}
        self._begin: Position | None = None
        self._changes: list[Change] | None = None
        self.passed_over: dict[str, Position] = {}
        """What is to be said of statements that concern nothing captured, each with the place of the last such one."""
        self._without_rows: set[str] = set()
        """XA transactions that were prepared without captured rows."""
        self._handlers: Mapping[int, Callable[[Event], Transaction | SchemaChange | Idle | None]] = {
            EventType.QUERY: self._statement,
            EventType.XID: self._commit,
            EventType.TABLE_MAP: self._table_map,
            EventType.GTID: self._start_group,
            EventType.ANONYMOUS_GTID: self._start_group,
            EventType.GTID_TAGGED: self._start_group,
            EventType.MARIADB_GTID: self._start_mariadb_group,
            EventType.XA_PREPARE: self._prepared,
            EventType.HEARTBEAT: self._heartbeat,
            EventType.HEARTBEAT_V2: self._heartbeat,
        }

    def __enter__(self) -> BinlogReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the server."""
        self._stream.close()

    def __iter__(self) -> Iterator[Transaction | SchemaChange | Idle]:
        for event in self._stream:
            operation = _OPERATIONS.get(event.kind)
            if operation:
                self._rows(operation, event)
                continue
            handler = self._handlers.get(event.kind)
            if handler:
                outcome = handler(event)
                if outcome is not None:
                    yield outcome
            elif event.kind not in _NOT_FOR_ROWS and not event.flags & IGNORABLE:
                why = _REFUSED.get(event.kind, f"an event of unknown type {event.kind} may hold rows")
                raise _refused(event, why)

    def _rows(self, operation: str, event: Event) -> None:
        """Row events: table id (6 bytes), flags (2), in version 2 extra data with its size (2), bitmaps, rows."""
        table_id = int.from_bytes(event.body[:6], "little")
        if table_id == _NO_TABLE:
            return
        if table_id not in self._by_id:
            raise _refused(
                event, f"rows of table number {table_id} come without their table map; start at a transaction"
            )
        decoder = self._by_id[table_id]
        if decoder is None:
            return
        if self._changes is None:
            raise _refused(event, f"rows of {decoder.table} stand outside a transaction")
        extra = int.from_bytes(event.body[8:10], "little") if event.kind >= EventType.WRITE_ROWS else 0
        self._changes += decoder.changes(operation, event.body, 8 + extra)

    def _table_map(self, event: Event) -> None:
        described = event.body[8:]
        if described not in self._decoders:
            self._decoders[described] = self._new_decoder(event, table_map(described))
        self._by_id[int.from_bytes(event.body[:6], "little")] = self._decoders[described]

    def _new_decoder(self, event: Event, mapped: TableMap) -> RowDecoder | None:
        """None for a table that is not captured."""
        table = self._definitions.table(mapped.schema, mapped.name)
        if table is None:
            return None
        try:
            return RowDecoder(mapped, table, self._definitions.dialect.collations)
        except DefinitionMismatchError as mismatch:
            raise _refused(
                event,
                f"the rows of {table} were written for another definition than the one that the statements before them "
                f"give ({mismatch}): reload it and start behind this place",
            ) from None

    def _start_group(self, event: Event) -> None:
        self._begin = event.begin

    def _start_mariadb_group(self, event: Event) -> None:
        """MariaDB's GTID event stands for BEGIN unless flag 1 (standalone) says that one statement follows."""
        self._begin = event.begin
        if not event.body[12] & 1:
            self._changes = []

    def _commit(self, event: Event) -> Transaction:
        begin, changes = self._begin or event.begin, self._changes or ()
        self._begin = self._changes = None
        self._by_id.clear()
        return Transaction(begin=begin, end=event.end, committed_at=event.timestamp, changes=tuple(changes))

    def _prepared(self, event: Event) -> Transaction:
        """XA PREPARE: a one-phase one is a commit; after any other the rows would have to wait for XA COMMIT."""
        one_phase = event.body[0]
        if self._changes and not one_phase:
            table = self._changes[0].table
            raise _refused(
                event,
                f"an XA transaction with rows of {table} is prepared but not committed, which the rehearsal does "
                f"not play: exclude {table} or write it without XA",
            )
        if not one_phase:
            self._without_rows.add(_xa_identifier(event.body))
        return self._commit(event)

    def _statement(self, event: Event) -> Transaction | SchemaChange | None:
        # Of DDL, only CREATE TABLE … SELECT stands in a transaction: the server writes it anew, without the SELECT.
        session, text = query(event.body, self._definitions.dialect, generated=self._changes is not None)
        what = meaning(text)
        if what is Meaning.BEGIN:
            self._begin = self._begin or event.begin
            self._changes = []
        elif what is Meaning.COMMIT:
            return self._commit(event)
        elif what is Meaning.ROLLBACK:
            self._changes = None
            return self._commit(event)
        elif what is Meaning.DDL:
            return self._schema_change(event, session, text)
        elif what is Meaning.XA_ROLLBACK or (what is Meaning.XA_COMMIT and self._is_without_rows(text)):
            return self._commit(event)
        elif what is Meaning.XA_COMMIT:
            raise _refused(
                event, f"{text} commits rows that were prepared before the reader started: reload the tables"
            )
        elif what is Meaning.ROLLBACK_TO and self._changes:
            raise _refused(event, f"{text} takes back rows of a transaction, and the log does not say which")
        elif what is Meaning.UNKNOWN and is_foreign(text, session, self._definitions):
            self.passed_over[
                f"the log has a statement instead of rows: {text[:200]}. It names no captured table and was passed over"
            ] = event.end
        elif what is Meaning.UNKNOWN:
            raise _refused(
                event,
                f"the log holds a statement instead of rows: {text[:200]}. A session wrote it with binlog_format other "
                "than ROW, and which rows it changed cannot be told; set it back to ROW and reload the tables",
            )
        return None

    def _schema_change(self, event: Event, session: Session, text: str) -> SchemaChange:
        try:
            tables = self._definitions.apply(text, session)
        except PipelineError as error:
            raise _refused(event, str(error)) from None
        self._decoders.clear()
        # CREATE TABLE … SELECT stands within its transaction: a reader that resumes must start before it.
        end = event.end if self._changes is None else self._begin or event.begin
        if self._changes is None:
            self._begin = None
        return SchemaChange(end=end, statement=text, tables=tables)

    def _is_without_rows(self, text: str) -> bool:
        identifier = "".join(text.split()[2:3]).upper()
        return identifier in self._without_rows

    def _heartbeat(self, event: Event) -> Idle | None:
        return Idle(end=event.end) if self._changes is None else None


def _xa_identifier(body: bytes) -> str:
    """The identifier of an XA PREPARE event as XA statements in the log spell it: ``X'61',X'',1``."""
    format_id, gtrid_size, bqual_size = (int.from_bytes(body[at : at + 4], "little") for at in (1, 5, 9))
    gtrid = body[13 : 13 + gtrid_size].hex()
    bqual = body[13 + gtrid_size : 13 + gtrid_size + bqual_size].hex()
    return f"X'{gtrid}',X'{bqual}',{format_id}".upper()


def _refused(event: Event, why: str) -> PipelineError:
    return PipelineError(f"the binlog cannot be followed at {event.begin}: {why}")
