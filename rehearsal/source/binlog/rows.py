"""Rows: table maps and row events of the binlog, to changes. Pure.

Before its row events a statement writes a *table map*, which says how many columns a row has and of which storage
types, but with ``binlog_row_metadata=MINIMAL`` neither their names nor labels: those come from the definition that the
statements of the log give. What metadata there are must agree with it. A decoder is built once per pair of table map
and table.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pymysql.constants import FIELD_TYPE

from model import Change, Column, PipelineError, Row, Table, Value
from rehearsal.source.binlog.decode import Decode, DefinitionMismatchError
from rehearsal.source.binlog.row_metadata import check, metadata, packed_integer
from rehearsal.source.binlog.row_types import Type, decoder
from rehearsal.source.binlog.temporals import DATETIME2, TIME2, TIMESTAMP2

INSERT, UPDATE, DELETE = "insert", "update", "delete"


class TableMap(NamedTuple):
    """What a table map event says."""

    schema: str
    name: str
    types: tuple[Type, ...]
    metadata: Mapping[int, bytes]
    """Of the columns, by the number of the field."""


def table_map(body: bytes) -> TableMap:
    """Parse the body of a table map event, from behind its table id (6 bytes) and flags (2 bytes)."""
    schema, offset = _short_name(body, 0)
    name, offset = _short_name(body, offset)
    count, offset = packed_integer(body, offset)
    codes = body[offset : offset + count]
    size, offset = packed_integer(body, offset + count)
    behind_types = offset + size + (count + 7) // 8  # columns that may be NULL, one bit each
    types: list[Type] = []
    for code in codes:
        width = _META_BYTES.get(code, 0)
        types.append(_type(code, body[offset : offset + width]))
        offset += width
    return TableMap(schema, name, tuple(types), metadata(body[behind_types:]))


class RowDecoder:
    """Decodes the row events of one table map into changes of one table.

    ``collations`` has the character set of each collation's number. Raises DefinitionMismatchError when table map and
    table do not describe the same.
    """

    def __init__(self, mapped: TableMap, table: Table, collations: Mapping[int, str], *, mariadb: bool = False) -> None:
        self.table = table
        columns = _all_columns(table)
        columns += _hashes(mapped.types[len(columns) :]) if mariadb else []
        if len(columns) != len(mapped.types):
            raise DefinitionMismatchError(
                f"{table} has {len(columns)} columns by the statements before, {len(mapped.types)} by its table map"
            )
        check(mapped.metadata, [type_.code for type_ in mapped.types], [one for one, _ in columns], collations)
        try:
            self._columns = [
                (decoder(column, type_), column, kept)
                for (column, kept), type_ in zip(columns, mapped.types, strict=True)
            ]
        except PipelineError as error:
            raise PipelineError(f"table {table}: {error}") from None
        self._images: dict[bytes, Callable[[bytes, int], tuple[Row, int]]] = {}

    def changes(self, operation: str, body: bytes, offset: int) -> list[Change]:
        """The changes of one row event, whose columns-present bitmap(s) and rows start at ``offset`` of ``body``."""
        try:
            return self._changes(operation, body, offset)
        except (ValueError, IndexError, struct.error) as error:
            raise PipelineError(
                f"a row of {self.table} in the binlog cannot be decoded ({error}): was the table altered after the row "
                "was written? Reload the table"
            ) from error

    def _changes(self, operation: str, body: bytes, offset: int) -> list[Change]:
        width, offset = packed_integer(body, offset)
        if width != len(self._columns):
            raise ValueError(f"{width} columns, its table map has {len(self._columns)}")
        size = (width + 7) // 8
        first = self._image(body[offset : offset + size])
        offset += size
        second = first
        if operation == UPDATE:
            second = self._image(body[offset : offset + size])
            offset += size
        changes: list[Change] = []
        end, table, before, after = len(body), self.table, None, None
        while offset < end:
            if operation != INSERT:
                before, offset = first(body, offset)
            if operation != DELETE:
                after, offset = second(body, offset)
            changes.append(Change(table=table, before=before, after=after))
        if offset != end:
            raise ValueError(f"its values end {offset - end} bytes behind the event")
        return changes

    def _image(self, present: bytes) -> Callable[[bytes, int], tuple[Row, int]]:
        if present not in self._images:
            bits = int.from_bytes(present, "little")
            missing = [c.name for place, (_, c, kept) in enumerate(self._columns) if kept and not bits >> place & 1]
            if missing:
                raise PipelineError(
                    f"a row of {self.table} in the binlog lacks columns {', '.join(missing)}: a session wrote it with "
                    "binlog_row_image other than FULL, which DMS needs; set it back to FULL and reload the table"
                )
            self._images[present] = _image_reader(
                [(decode, kept) for place, (decode, _, kept) in enumerate(self._columns) if bits >> place & 1]
            )
        return self._images[present]


def _image_reader(columns: list[tuple[Decode, bool]]) -> Callable[[bytes, int], tuple[Row, int]]:
    """Reads one row image: a bitmap of NULLs, then the values that are not NULL. Values not kept are passed over."""
    null_bytes = (len(columns) + 7) // 8
    steps = [(1 << place, decode, kept) for place, (decode, kept) in enumerate(columns)]
    decoders, all_kept = [decode for decode, _ in columns], all(kept for _, kept in columns)

    def read(data: bytes, offset: int) -> tuple[Row, int]:
        start = offset + null_bytes
        nulls = int.from_bytes(data[offset:start], "little")
        offset = start
        values: list[Value] = []
        if all_kept and not nulls:
            for decode in decoders:
                value, offset = decode(data, offset)
                values.append(value)
            return tuple(values), offset
        for bit, decode, kept in steps:
            if nulls & bit:
                value = None
            else:
                value, offset = decode(data, offset)
            if kept:
                values.append(value)
        return tuple(values), offset

    return read


def _all_columns(table: Table) -> list[tuple[Column, bool]]:
    """Every column where the source has it, with whether it is replicated."""
    columns = [(column, True) for column in table.columns]
    for place, column in table.left_out:  # in ascending order of place
        columns.insert(place, (column, False))
    return columns


def _hashes(types: Sequence[Type]) -> list[tuple[Column, bool]]:
    """The hidden columns behind all others in which MariaDB keeps the hash of each UNIQUE key that is too long for an
    index. No statement defines them, and no catalog lists them."""
    if any(type_.code != FIELD_TYPE.LONGLONG for type_ in types):
        return []
    names = (f"DB_ROW_HASH_{number}" for number, _ in enumerate(types, start=1))
    return [(Column(name=name, data_type="bigint", column_type="bigint(20) unsigned"), False) for name in names]


def _type(code: int, meta: bytes) -> Type:
    if code == FIELD_TYPE.STRING:
        real, length = meta
        # Lengths above 255 borrow two bits of the real type, inverted.
        return Type(real | 0x30, (length | ((real & 0x30) ^ 0x30) << 4, length))
    if code in _TWO_SEPARATE:
        return Type(code, (meta[0], meta[1]))
    return Type(code, (int.from_bytes(meta, "little"), 0))


def _short_name(body: bytes, offset: int) -> tuple[str, int]:
    end = offset + 1 + body[offset]
    return body[offset + 1 : end].decode(), end + 1  # a zero byte follows


_TWO_SEPARATE = frozenset({FIELD_TYPE.BIT, FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.ENUM, FIELD_TYPE.SET})
_META_BYTES = {
    **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE, TIMESTAMP2, DATETIME2, TIME2), 1),
    **dict.fromkeys((FIELD_TYPE.BLOB, FIELD_TYPE.JSON, FIELD_TYPE.GEOMETRY, 140, 242), 1),
    **dict.fromkeys((FIELD_TYPE.VARCHAR, FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, 141), 2),
    **dict.fromkeys(_TWO_SEPARATE, 2),
}
"""Bytes of metadata in a table map by field type; 140 and 141 are MariaDB's compressed columns, 242 is VECTOR."""
