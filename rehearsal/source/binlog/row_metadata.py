"""Row metadata: what a table map says of its columns beside their storage types. Pure.

With ``binlog_row_metadata=MINIMAL``, Aurora's default, signs and character sets; with FULL also names, labels and the
primary key; nothing with MariaDB's NO_LOG. It is a second witness beside the definition that the statements of the log
give. https://dev.mysql.com/doc/dev/mysql-server/latest/classbinary__log_1_1Table__map__event.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pymysql.constants import FIELD_TYPE

from model import Column
from rehearsal.source.binlog.decode import DefinitionMismatchError

_SIGNS, _CHARSET, _CHARSETS, _NAMES, _SET_LABELS, _ENUM_LABELS = 1, 2, 3, 4, 5, 6
_ENUM_CHARSET, _ENUM_CHARSETS = 10, 11
_NUMERIC = frozenset(
    {
        FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG,
        FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE,
    }
)  # fmt: skip
_CHARACTERS = frozenset({FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR, FIELD_TYPE.BLOB, 140, 141})
_WIDE = ("ucs2", "utf16", "utf16le", "utf32")
_LABELLED = frozenset({FIELD_TYPE.ENUM, FIELD_TYPE.SET})


def packed_integer(body: bytes, offset: int) -> tuple[int, int]:
    """MySQL's length-encoded integer at ``offset``, and the offset behind it."""
    first = body[offset]
    if first < 251:
        return first, offset + 1
    size = {252: 2, 253: 3, 254: 8}[first]
    return int.from_bytes(body[offset + 1 : offset + 1 + size], "little"), offset + 1 + size


def metadata(body: bytes) -> dict[int, bytes]:
    """The fields of the optional metadata by their number."""
    fields: dict[int, bytes] = {}
    offset = 0
    while offset < len(body):
        kind = body[offset]
        size, offset = packed_integer(body, offset + 1)
        fields[kind] = body[offset : offset + size]
        offset += size
    return fields


def check(
    fields: Mapping[int, bytes], codes: Sequence[int], columns: Sequence[Column], collations: Mapping[int, str]
) -> None:
    """Raise DefinitionMismatchError where the metadata contradict the columns, whose field types are ``codes``."""
    for column, unsigned in _signs(fields.get(_SIGNS), codes, columns):
        _same(column, "sign", "unsigned" if column.unsigned else "signed", "unsigned" if unsigned else "signed")
    for one, each, kinds in ((_CHARSET, _CHARSETS, _CHARACTERS), (_ENUM_CHARSET, _ENUM_CHARSETS, _LABELLED)):
        mine = [column for column, code in zip(columns, codes, strict=True) if code in kinds]
        for column, number in _collations(fields.get(one), fields.get(each), mine):
            if number in collations:
                _same(column, "character set", column.charset or "binary", collations[number])
    if _NAMES in fields:
        for column, name in zip(columns, _texts(fields[_NAMES]), strict=True):
            _same(column, "name", column.name, name.decode("utf-8", "replace"))
    for field, code in ((_SET_LABELS, FIELD_TYPE.SET), (_ENUM_LABELS, FIELD_TYPE.ENUM)):
        mine = [column for column, own in zip(columns, codes, strict=True) if own == code]
        for column, labels in zip(mine, _label_lists(fields.get(field, b"")), strict=False):
            _same(column, "number of labels", len(column.labels), len(labels))
            if column.charset not in _WIDE:
                # After CONVERT TO CHARACTER SET, MariaDB writes the others in the character set of before.
                pairs = zip(column.labels, labels, strict=True)
                plain = [(mine, label.decode()) for mine, label in pairs if label.isascii()]
                _same(column, "labels", *([text[side] for text in plain] for side in (0, 1)))


def _same(column: Column, what: str, statements: object, log: object) -> None:
    if statements != log:
        raise DefinitionMismatchError(
            f"column {column.name} has the {what} {statements!r} by the statements before it, {log!r} by its table map"
        )


def _signs(bits: bytes | None, codes: Sequence[int], columns: Sequence[Column]) -> Iterator[tuple[Column, bool]]:
    """Of each numeric column whether it is unsigned."""
    numeric = [column for column, code in zip(columns, codes, strict=True) if code in _NUMERIC]
    if bits is not None:
        for place, column in enumerate(numeric):
            yield column, bool(bits[place // 8] << place % 8 & 0x80)


def _collations(default: bytes | None, each: bytes | None, columns: Sequence[Column]) -> Iterator[tuple[Column, int]]:
    """The collation's number of each column."""
    numbers = list(_integers(each if each is not None else default or b""))
    if each is not None:
        yield from zip(columns, numbers, strict=False)
    elif numbers:
        others = dict(zip(numbers[1::2], numbers[2::2], strict=True))
        yield from ((column, others.get(place, numbers[0])) for place, column in enumerate(columns))


def _integers(data: bytes) -> Iterator[int]:
    offset = 0
    while offset < len(data):
        number, offset = packed_integer(data, offset)
        yield number


def _texts(data: bytes) -> Iterator[bytes]:
    offset = 0
    while offset < len(data):
        size, offset = packed_integer(data, offset)
        yield data[offset : offset + size]
        offset += size


def _label_lists(data: bytes) -> Iterator[list[bytes]]:
    offset = 0
    while offset < len(data):
        count, offset = packed_integer(data, offset)
        labels: list[bytes] = []
        for _ in range(count):
            size, offset = packed_integer(data, offset)
            labels.append(data[offset : offset + size])
            offset += size
        yield labels
