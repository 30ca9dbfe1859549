"""MySQL's statements: checksums of ranges of a source's table as the lake must have it, and the rows of some ranges.

For MySQL 5.7 and 8, Aurora MySQL and MariaDB. What a session says (``time_zone``, ``sql_mode``) changes no text here: a
TIMESTAMP is told by its seconds since 1970, a CHAR without blanks at its end. No colon, question mark or percent sign
stands in a statement, for drivers look for parameters there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from audit.sql.comparison import Compared, Comparison
from audit.sql.forms import EMPTY, NULL, SEPARATOR, Form, byte_length, form_of
from mappings.target import Attribute, Condition, Filter, Mask, Target
from model import Column, Value

_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal", "bit"})
_EXACT = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal"})


def digests(comparison: Comparison, digits: int, within: Collection[str]) -> str:
    """The query for the checksums of the ranges of ``digits`` digits, all that lie in the ranges ``within``.

    Its columns: the range, the number of rows, and two sums of 60 bits for each group of columns.
    """
    groups = comparison.groups
    hashes = [f"SHA1({_joined(comparison, group)}) AS cdc_row_{place}" for place, group in enumerate(groups)]
    sums = [
        f"SUM(CAST(CONV(SUBSTR(cdc_row_{place}, {first}, 15), 16, 10) AS UNSIGNED))"
        for place, _ in enumerate(groups)
        for first in (1, 16)
    ]
    inner = f"SELECT {_key(comparison)} AS cdc_key, {', '.join(hashes)} FROM {_from(comparison, within)}"
    return (
        f"SELECT LEFT(cdc_key, {digits}) AS cdc_range, COUNT(*), {', '.join(sums)} "
        f"FROM ({inner}) AS cdc_rows GROUP BY LEFT(cdc_key, {digits})"
    )


def rows(comparison: Comparison, within: Collection[str]) -> str:
    """The query for the rows in the ranges ``within``, of all if there are none: the lake's columns, as ``readers``
    reads them."""
    target = comparison.expected.target
    columns = [_written(column, value) for column, value in _values(target)]
    return f"SELECT {', '.join(columns)} FROM {_from(comparison, within)}"


def reader(column: Column) -> Callable[[Any], Value]:
    """From what ``rows`` gives of ``column`` of the lake, whichever the driver, to the value of model/table.py."""
    read = _READS.get(form_of(column), _plain)
    return lambda given: None if given is None else read(_plain(given))


def _from(comparison: Comparison, within: Collection[str]) -> str:
    target = comparison.expected.target
    conditions = [_filter(target, one) for one in target.filters]
    if within:
        digits = len(next(iter(within)))
        named = ", ".join(f"'{one}'" for one in sorted(within))
        conditions.append(f"LEFT({_key(comparison)}, {digits}) IN ({named})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"{_quoted(target.table.schema)}.{_quoted(target.table.name)}{where}"


def _key(comparison: Comparison) -> str:
    return f"SHA1({_joined(comparison, comparison.key)})"


def _joined(comparison: Comparison, columns: Collection[Compared]) -> str:
    values = _values(comparison.expected.target)
    texts = [_canonical(values[one.position], one.form, comparison.null_and_empty) for one in columns]
    separator = f", '{SEPARATOR}'"
    return f"CONCAT({', '.join(text + separator for text in texts)})"


Valued = tuple[Column | None, str]
"""A column of the source and its name in SQL; None and the SQL of a text for what the mappings make one."""


def _values(target: Target) -> list[Valued]:
    """What the lake must have in each of its columns."""
    values: list[Valued] = []
    for column in target.columns:
        if column.as_string or column.mask:
            text = _as_text(column.source)
            values.append((None, _masked(text, column.mask) if column.mask else text))
        else:
            values.append((column.source, _quoted(column.source.name)))
    return values + [(None, _attribute(target, one)) for one in target.attributes]


def _as_text(column: Column) -> str:
    """The value as text of utf8mb4, with all the digits of a number."""
    name = _quoted(column.name)
    if column.data_type in _NUMBERS:
        return f"CAST({name} + 0 AS CHAR)"  # without the zeros of ZEROFILL
    text = f"CONVERT({name} USING utf8mb4)"
    return f"TRIM(TRAILING ' ' FROM {text})" if column.data_type == "char" else text


def _written(column: Column | None, name: str) -> str:
    """SQL for a value as every driver gives it: as text, but for a double."""
    if column is None:
        return name
    form = form_of(column)
    if form in (Form.SINGLE, Form.DOUBLE):
        return f"{name} * 1e0"
    if form in (Form.BYTES, Form.LONG_BYTES):
        return f"HEX({name})"
    if form in (Form.DATE, Form.TIME) or column.data_type == "datetime":
        return f"CAST({name} AS CHAR)"
    if form is Form.MOMENT:
        length = 19 + (column.precision + 1 if column.precision else 0)
        return f"LEFT({_never(name)}, {length})"
    return _as_text(column)


def _masked(text: str, mask: Mask) -> str:
    if not mask.character:
        return f"UPPER(SHA2({text}, 256))"
    for digit in "0123456789":
        text = f"REPLACE({text}, '{digit}', CONVERT({_bytes(mask.character)} USING utf8mb4))"
    return text


def _attribute(target: Target, attribute: Attribute) -> str:
    parts = [
        f"CONVERT({_bytes(part)} USING utf8mb4)"
        if isinstance(part, str)
        else f"IFNULL({_as_text(target.table.columns[part])}, 'None')"
        for part in attribute.parts
    ]
    return f"CONCAT({', '.join(parts)})" if parts else "''"


def _canonical(value: Valued, form: Form, null_and_empty: bool) -> str:
    column, name = value
    text = _text(column, name, form)
    if not null_and_empty and form in EMPTY:
        text = f"NULLIF({text}, '{EMPTY[form]}')"
    return f"IFNULL({text}, '{NULL}')"


def _text(column: Column | None, name: str, form: Form) -> str:
    """SQL for the canonical text of a value; NULL for NULL and zero dates."""
    if column is None:
        return f"CONCAT(CHAR_LENGTH({name}), '/', {name})"
    return {
        Form.INTEGER: lambda: f"CAST({name} + 0 AS CHAR)",
        Form.FLAG: lambda: f"CAST({name} + 0 AS CHAR)",
        Form.DECIMAL: lambda: f"CAST({name} + 0 AS CHAR)",
        Form.LONG_DECIMAL: lambda: f"CAST({name} + 0 AS CHAR)",
        Form.SINGLE: lambda: _real(name),
        Form.DOUBLE: lambda: _real(name),
        Form.DATE: lambda: _dated(f"CAST({name} AS CHAR)"),
        Form.MOMENT: lambda: _moment(column, name),
        Form.TIME: lambda: _fraction(column, name),
        Form.BITS: lambda: f"LPAD(HEX({name} + 0), {2 * byte_length(column)}, '0')",
        Form.BYTES: lambda: f"HEX({name})",
        Form.TEXT: lambda: _told(_as_text(column)),
        Form.LONG_BYTES: lambda: f"SHA1({name})",
        Form.LONG_TEXT: lambda: f"SHA1({_as_text(column)})",
        Form.DOCUMENT: lambda: f"SHA1({_as_text(column)})",
    }[form]()


def _told(text: str) -> str:
    return f"CONCAT(CHAR_LENGTH({text}), '/', {text})"


def _dated(text: str) -> str:
    return f"IF(LEFT({text}, 10) = '0000-00-00', NULL, {text})"


def _moment(column: Column, name: str) -> str:
    if column.data_type == "datetime":
        return _dated(_fraction(column, name))
    return f"IF(UNIX_TIMESTAMP({name}) = 0, NULL, {_in_utc(name)})"


def _never(name: str) -> str:
    """The same of a TIMESTAMP that may be zero, as MySQL writes it."""
    return f"IF(UNIX_TIMESTAMP({name}) = 0, {_bytes(_midnight(''))}, {_in_utc(name)})"


def _in_utc(name: str) -> str:
    """A TIMESTAMP as text with six digits, whatever the session's zone is."""
    return f"CAST(DATE_ADD(CAST('1970-01-01' AS DATETIME(6)), INTERVAL UNIX_TIMESTAMP({name}) SECOND) AS CHAR)"


def _fraction(column: Column, name: str) -> str:
    """The text of a column of time, with six digits behind the point."""
    digits = column.precision or 0
    missing = "0" * (6 - digits) if digits else ".000000"
    return f"CONCAT(CAST({name} AS CHAR), '{missing}')"


def _real(name: str) -> str:
    """SQL for the bits of a double: its size is brought between 1 and 2 by a power of 2, which changes no bit of it."""
    number = f"({name} * 1e0)"
    power = f"GREATEST(FLOOR(LOG2(ABS({number}))), -1074)"  # what a logarithm rounds may be one too large or too small
    scaled = f"(ABS({number}) / POW(2, {power}))"
    whole = "CAST({} * 4503599627370496e0 AS SIGNED)"
    sign = f"IF({number} < 0, '-', '')"
    cases = [
        (f"{number} = 0", "'0'"),
        (f"{scaled} >= 2", f"CONCAT({sign}, {whole.format(scaled + ' / 2')}, 'p', CAST({power} + 1 AS SIGNED))"),
        (f"{scaled} < 1", f"CONCAT({sign}, {whole.format(scaled + ' * 2')}, 'p', CAST({power} - 1 AS SIGNED))"),
    ]
    told = " ".join(f"WHEN {condition} THEN {text}" for condition, text in cases)
    return f"CASE {told} ELSE CONCAT({sign}, {whole.format(scaled)}, 'p', CAST({power} AS SIGNED)) END"


def _filter(target: Target, one: Filter) -> str:
    """The condition that a row passes; for NULL ``null`` alone holds."""
    column = next(column for column in target.table.columns if column.name == one.column)
    value, literal = _comparable(column)
    holds = [_holds(condition, value, literal) for condition in one.conditions if condition.operator != "null"]
    null = ["TRUE"] if any(condition.operator == "null" for condition in one.conditions) else ["FALSE"]
    there = f"CASE WHEN {value} IS NULL THEN {null[0]} ELSE {' OR '.join(holds) or 'FALSE'} END"
    return f"({there})"


def _comparable(column: Column) -> tuple[str, Callable[[str], str]]:
    """What of a column is compared in a filter, and what makes that of a filter's value: exactly, by no collation."""
    name = _quoted(column.name)
    if column.data_type in _EXACT:
        return f"({name} + 0)", lambda text: format(Decimal(text), "f")
    if column.data_type == "timestamp":
        return f"CAST({_never(name)} AS BINARY)", lambda text: _bytes(_midnight(text))
    if column.data_type == "datetime":
        return f"CAST({_fraction(column, name)} AS BINARY)", lambda text: _bytes(_midnight(text))
    if column.data_type == "date":
        return f"CAST(CAST({name} AS CHAR) AS BINARY)", _bytes
    return f"CAST({_as_text(column)} AS BINARY)", _bytes


def _midnight(text: str) -> str:
    return text + "0000-00-00 00:00:00.000000"[len(text) :]


def _holds(condition: Condition, value: str, literal: Callable[[str], str]) -> str:
    bounds = [literal(text) for text in condition.values]
    return {
        "eq": "{0} = {1}",
        "noteq": "{0} <> {1}",
        "gte": "{0} >= {1}",
        "lte": "{0} <= {1}",
        "between": "{0} BETWEEN {1} AND {2}",
        "notbetween": "{0} NOT BETWEEN {1} AND {2}",
        "notnull": "TRUE",
    }[condition.operator].format(value, *bounds)


def _bytes(text: str) -> str:
    """A text as a literal that no setting reads otherwise."""
    return f"X'{text.encode('utf-8').hex()}'"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _plain(given: Any) -> Any:
    return given.decode("utf-8") if isinstance(given, bytes | bytearray) else given


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
    **dict.fromkeys((Form.BYTES, Form.LONG_BYTES), bytes.fromhex),
    Form.SINGLE: _shortest,
    Form.DOUBLE: float,
}
"""For every other form the text itself."""
