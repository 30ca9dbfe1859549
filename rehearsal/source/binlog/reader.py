"""Binlog reader: committed transactions and schema changes, read from a server's binlog as a replica would.

The rules of this module:

* only whole, committed transactions come out; what was rolled back never does;
* rows of tables that are not asked for are passed over undecoded;
* whatever may hold rows and cannot be decoded exactly is refused with PipelineError, never passed over: DMS loses
  rows in silence in some of these cases, a rehearsal must not
  (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.Limitations).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from database.server import Server
from model import Change, Idle, PipelineError, Position, SchemaChange, Transaction, qualified
from rehearsal.source.binlog import xa
from rehearsal.source.binlog.decode import DefinitionMismatchError
from rehearsal.source.binlog.event_kinds import NOT_FOR_ROWS, REFUSED
from rehearsal.source.binlog.queries import query
from rehearsal.source.binlog.rows import DELETE, INSERT, UPDATE, RowDecoder, TableMap, table_map
from rehearsal.source.binlog.statements import Meaning, meaning
from rehearsal.source.binlog.stream import IGNORABLE, BinlogStream, Event, EventType
from rehearsal.source.binlog.written_tables import uncaptured
from rehearsal.source.definitions.definitions import Definitions
from rehearsal.source.definitions.dialect import Session
from rehearsal.source.definitions.reading import Name

_OPERATIONS: Mapping[int, str] = {
    EventType.WRITE_ROWS_V1: INSERT,
    EventType.UPDATE_ROWS_V1: UPDATE,
    EventType.DELETE_ROWS_V1: DELETE,
    EventType.WRITE_ROWS: INSERT,
    EventType.UPDATE_ROWS: UPDATE,
    EventType.DELETE_ROWS: DELETE,
}
_NO_TABLE = 0xFFFFFF  # the table id of a row event without rows, which only ends a statement


class BinlogReader:
    """Iterates what happened from ``start`` on: ``Transaction``, ``SchemaChange``, and ``Idle`` while nothing comes.

    A transaction without captured changes comes out too, empty, for its ``end`` tells how far the log is read.
    ``definitions`` are those at ``start``; they follow: behind a SchemaChange they are as its statement left them.
    Raises PipelineError as the module says. ``idle_after`` is in seconds. ``prepared`` is what another reader left of
    that name at ``start``; None for who does not look at rows.
    """

    def __init__(
        self,
        server: Server,
        start: Position,
        definitions: Definitions,
        *,
        idle_after: float = 0.05,
        prepared: Iterable[str] | None = (),
    ) -> None:
        self.passed: dict[Name, str] = {}
        """Tables that are not captured and were written by statements in the place of rows, each with what to say."""
        self._stream = BinlogStream(server, start, heartbeat=idle_after)
        self._definitions = definitions
        self._decoders: dict[bytes, RowDecoder | None] = {}
        self._by_id: dict[int, RowDecoder | None] = {}
        self._begin: Position | None = None
        self._changes: list[Change] | None = None
        self.prepared = set(prepared or ())
        """XA transactions that are prepared, without captured rows, and not committed yet."""
        self._takes_any_commit = prepared is None
        self._handlers: Mapping[int, Callable[[Event], Transaction | SchemaChange | Idle | None]] = {
            EventType.QUERY: self._statement,
            EventType.EXECUTE_LOAD_QUERY: self._load_statement,
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
            elif event.kind not in NOT_FOR_ROWS and not event.flags & IGNORABLE:
                why = REFUSED.get(event.kind, f"an event of unknown type {event.kind} may hold rows")
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
            dialect = self._definitions.dialect
            return RowDecoder(mapped, table, dialect.collations, mariadb=dialect.mariadb)
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
            self.prepared.add(xa.prepared(event.body))
        return self._commit(event)

    def _xa_end(self, event: Event, what: Meaning, text: str) -> Transaction:
        known = xa.named(text) in self.prepared
        self.prepared.discard(xa.named(text))
        if what is Meaning.XA_COMMIT and not known and not self._takes_any_commit:
            raise _refused(
                event, f"{text} commits rows that were prepared before the reader started: reload the tables"
            )
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
        elif what in (Meaning.XA_COMMIT, Meaning.XA_ROLLBACK):
            return self._xa_end(event, what, text)
        elif what is Meaning.ROLLBACK_TO and self._changes:
            raise _refused(event, f"{text} takes back rows of a transaction, and the log does not say which")
        elif what is Meaning.UNKNOWN:
            return self._instead_of_rows(event, session, text)
        return None

    def _load_statement(self, event: Event) -> Transaction | SchemaChange | None:
        """LOAD DATA as a statement: a Query event with 13 bytes about the file, which the events before it hold."""
        return self._statement(event._replace(body=event.body[:13] + event.body[26:]))

    def _instead_of_rows(self, event: Event, session: Session, text: str) -> Transaction | None:
        """Pass a statement that writes no captured table."""
        tables = uncaptured(text, self._definitions, session)
        if tables is None:
            raise _refused(
                event,
                f"the log holds a statement instead of rows: {text[:200]}. A session wrote it with binlog_format other "
                "than ROW, and which rows it changed cannot be told; set it back to ROW and reload the tables",
            )
        for name in tables:
            self.passed.setdefault(
                name,
                f"the log has statements instead of rows for {qualified(*name)}, which is not captured, the first at "
                f"{event.begin}: they are passed over. What triggers, functions or views change by them no task sees",
            )
        return self._commit(event) if self._changes is None else None

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

    def _heartbeat(self, event: Event) -> Idle | None:
        return Idle(end=event.end) if self._changes is None else None


def _refused(event: Event, why: str) -> PipelineError:
    return PipelineError(f"the binlog cannot be followed at {event.begin}: {why}")
