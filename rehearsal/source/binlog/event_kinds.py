"""Event kinds: which events hold no rows, and which may hold some that the rehearsal cannot decode. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.source.binlog.stream import EventType

NOT_FOR_ROWS = frozenset(
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
        # Belong to a statement, which is looked at itself.
        *(EventType.INTVAR, EventType.RAND, EventType.USER_VAR),
        *(EventType.BEGIN_LOAD_QUERY, EventType.APPEND_BLOCK, EventType.DELETE_FILE),
    }
)
_COMPRESSED = (
    "the binlog is compressed, which DMS does not support: set log_bin_compress (MariaDB) or "
    "binlog_transaction_compression (MySQL) to OFF"
)
REFUSED: Mapping[int, str] = {
    EventType.INCIDENT: "the server lost events at this place (incident): reload the tables",
    EventType.PARTIAL_UPDATE_ROWS: "an update holds only parts of JSON values: clear binlog_row_value_options",
    EventType.TRANSACTION_PAYLOAD: _COMPRESSED,
    **dict.fromkeys(range(EventType.QUERY_COMPRESSED, EventType.QUERY_COMPRESSED + 7), _COMPRESSED),
}
"""Why an event of this type ends the reading."""
