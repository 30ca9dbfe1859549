"""MySQL's values: what the lake must have in each of its columns, in SQL over a table of the source."""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from audit.sql.forms import Form, form_of
from mappings.target import Attribute, Mask, Target, TargetColumn
from model import Column, PipelineError, Value

_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal", "bit"})

_UNTOLD = "u"
"""Stands for bytes that the server does not give."""

Valued = tuple[Column | None, str]
"""A column of the source and its name in SQL; None and the SQL of a text for what the mappings make one."""


def values(target: Target) -> list[Valued]:
    """What the lake must have in each of its columns."""
    attributes = [(None, _attribute(target, one)) for one in target.attributes]
    return [*map(_value, target.columns), *attributes]


def _value(column: TargetColumn) -> Valued:
    if not column.as_string and not column.mask:
        return column.source, quoted(column.source.name)
    text = as_text(column.source)
    return None, _masked(text, column.mask) if column.mask else text


def as_text(column: Column) -> str:
    """The value as text of utf8mb4, with all the digits of a number."""
    name = quoted(column.name)
    if column.data_type in _NUMBERS:
        return f"CAST({name} + 0 AS CHAR)"  # without the zeros of ZEROFILL
    text = f"CONVERT({name} USING utf8mb4)"
    return f"TRIM(TRAILING ' ' FROM {text})" if column.data_type == "char" else text


def _masked(text: str, mask: Mask) -> str:
    if not mask.character:
        return f"UPPER(SHA2({text}, 256))"
    for digit in "0123456789":
        text = f"REPLACE({text}, '{digit}', CONVERT({literal(mask.character)} USING utf8mb4))"
    return text


def _attribute(target: Target, attribute: Attribute) -> str:
    parts = [
        f"CONVERT({literal(part)} USING utf8mb4)"
        if isinstance(part, str)
        else f"IFNULL({as_text(target.table.columns[part])}, 'None')"
        for part in attribute.parts
    ]
    return f"CONCAT({', '.join(parts)})" if parts else "''"


def written(column: Column | None, name: str) -> str:
    """SQL for a value as every driver gives it: as text, but for a double."""
    if column is None:
        return name
    form = form_of(column)
    if form in (Form.SINGLE, Form.DOUBLE):
        return f"{name} * 1e0"
    if form in (Form.BYTES, Form.LONG_BYTES):
        return hexadecimal(name)
    if form in (Form.DATE, Form.TIME) or column.data_type == "datetime":
        return f"CAST({name} AS CHAR)"
    if form is Form.MOMENT:
        length = 19 + (column.precision + 1 if column.precision else 0)
        return f"LEFT({in_utc_or_zero(name)}, {length})"
    return as_text(column)


def reader(column: Column) -> Callable[[Any], Value]:
    """From what ``rows`` gives of ``column`` of the lake, whichever the driver, to the value of model/table.py."""
    read = _READS.get(form_of(column), _plain)
    return lambda given: None if given is None else read(_plain(given))


def hexadecimal(name: str) -> str:
    """SQL for bytes as hexadecimal digits. Where these are more than ``max_allowed_packet`` the server gives NULL, and
    that must not pass for a NULL of the table."""
    return f"IFNULL(HEX({name}), IF({name} IS NULL, NULL, '{_UNTOLD}'))"


def in_utc(name: str) -> str:
    """A TIMESTAMP as text with six digits, whatever the session's zone is."""
    return f"CAST(DATE_ADD(CAST('1970-01-01' AS DATETIME(6)), INTERVAL UNIX_TIMESTAMP({name}) SECOND) AS CHAR)"


def in_utc_or_zero(name: str) -> str:
    """The same of a TIMESTAMP that may be zero, which MySQL writes as no day."""
    return f"IF(UNIX_TIMESTAMP({name}) = 0, CONVERT({literal(midnight(''))} USING utf8mb4), {in_utc(name)})"


def fraction(column: Column, name: str) -> str:
    """The text of a column of time, with six digits behind the point."""
    digits = column.precision or 0
    missing = "0" * (6 - digits) if digits else ".000000"
    return f"CONCAT(CAST({name} AS CHAR), '{missing}')"


def midnight(text: str) -> str:
    """The text of a moment with six fractional digits; of a day alone its midnight, of nothing the zero date."""
    return text + "0000-00-00 00:00:00.000000"[len(text) :]


def literal(text: str) -> str:
    """A text as a literal that no setting reads otherwise."""
    return f"X'{text.encode('utf-8').hex()}'"


def quoted(name: str) -> str:
    """A name as an identifier that may hold anything."""
    return "`" + name.replace("`", "``") + "`"


def _plain(given: Any) -> Any:
    return given.decode("utf-8") if isinstance(given, bytes | bytearray) else given


def _bytes(given: str) -> bytes:
    if given == _UNTOLD:
        raise PipelineError(
            "the source has a binary value that is longer than half its max_allowed_packet, and does not give it: "
            "raise max_allowed_packet (a parameter of the database) to twice the longest value"
        )
    return bytes.fromhex(given)


def _shortest(given: Any) -> float:
    """The float with the fewest digits that names the same 32-bit number."""
    number = float(given)
    exact = struct.pack("f", number)
    texts = (f"{number:.{digits}g}" for digits in range(6, 9))
    return next((float(text) for text in texts if _single(float(text)) == exact), float(f"{number:.9g}"))


def _single(number: float) -> bytes:
    try:
        return struct.pack("f", number)
    except OverflowError:  # rounding left the 32-bit range
        return b""


_READS: dict[Form, Callable[[Any], Value]] = {
    **dict.fromkeys((Form.INTEGER, Form.FLAG, Form.BITS), int),
    **dict.fromkeys((Form.DECIMAL, Form.LONG_DECIMAL), Decimal),
    **dict.fromkeys((Form.BYTES, Form.LONG_BYTES), _bytes),
    Form.SINGLE: _shortest,
    Form.DOUBLE: float,
}
"""For every other form the text itself."""
