"""MySQL's statements: checksums of ranges of a source's table as the lake must have it, and the rows of some ranges.

For MySQL 5.7 and 8, Aurora MySQL and MariaDB. What a session says (``time_zone``, ``sql_mode``) changes no text here: a
TIMESTAMP is told by its seconds since 1970, a CHAR without blanks at its end, and no answer is cut. No colon, question
mark or percent sign stands in a statement, for drivers look for parameters there.
"""

from __future__ import annotations

from collections.abc import Collection

from audit.sql.comparison import Compared, Comparison
from audit.sql.forms import DIGITS, EMPTY, INSTEAD, LETTERS, NULL, SEPARATOR, Form, byte_length
from audit.sql.mysql_filters import condition
from audit.sql.mysql_values import (
    Valued,
    as_text,
    fraction,
    hexadecimal,
    in_utc,
    midnight,
    quoted,
    values,
    written,
)
from model import Column

_ALL = "LIMIT 18446744073709551615"
"""Of the answer: without it the session's ``sql_select_limit`` cuts that."""


def digests(comparison: Comparison, digits: int, within: Collection[str]) -> str:
    """The query for the checksums of the ranges of ``digits`` digits, all that lie in the ranges ``within``.

    Its columns: the range, the number of rows, and the sum of the rows' numbers for each group of columns. The server
    computes what stands in the inner query wherever the outer one names it, so each name stands there once.
    """
    groups = comparison.groups
    hashes = [f"SHA1({_joined(comparison, group)}) AS cdc_row_{place}" for place, group in enumerate(groups)]
    sums = [f"SUM({_number(f'cdc_row_{place}')})" for place, _ in enumerate(groups)]
    inner = f"SELECT {_key(comparison)} AS cdc_key, {', '.join(hashes)} FROM {_from(comparison, within)}"
    return (
        f"SELECT LEFT(cdc_key, {digits}) AS cdc_range, COUNT(*), {', '.join(sums)} "
        f"FROM ({inner}) AS cdc_rows GROUP BY cdc_range {_ALL}"
    )


def rows(comparison: Comparison, within: Collection[str]) -> str:
    """The query for the rows in the ranges ``within``, of all if there are none: the lake's columns, as
    mysql_values.py reads them."""
    target = comparison.expected.target
    columns = [written(column, value) for column, value in values(target)]
    return f"SELECT {', '.join(columns)} FROM {_from(comparison, within)} {_ALL}"


def _number(sha1: str) -> str:
    """SQL for the number of a row. Of bytes: a text's letters are looked for by its collation, which takes longer."""
    digits = f"CONVERT(LEFT({sha1}, {DIGITS}) USING binary)"
    for letter, instead in zip(LETTERS, INSTEAD, strict=True):
        digits = f"REPLACE({digits}, '{letter}', '{instead}')"
    return f"CAST({digits} AS DECIMAL({DIGITS},0))"


def _from(comparison: Comparison, within: Collection[str]) -> str:
    target = comparison.expected.target
    conditions = [condition(target, one) for one in target.filters]
    if within:
        digits = len(next(iter(within)))
        named = ", ".join(f"'{one}'" for one in sorted(within))
        conditions.append(f"LEFT({_key(comparison)}, {digits}) IN ({named})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"{quoted(target.table.schema)}.{quoted(target.table.name)}{where}"


def _key(comparison: Comparison) -> str:
    return f"SHA1({_joined(comparison, comparison.key)})"


def _joined(comparison: Comparison, columns: Collection[Compared]) -> str:
    every = values(comparison.expected.target)
    texts = [_canonical(every[one.position], one.form, comparison.null_and_empty) for one in columns]
    separator = f", '{SEPARATOR}'"
    return f"CONCAT({', '.join(text + separator for text in texts)})"


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
        Form.DATE: lambda: f"NULLIF(CAST({name} AS CHAR), '0000-00-00')",
        Form.MOMENT: lambda: _moment(column, name),
        Form.TIME: lambda: fraction(column, name),
        Form.BITS: lambda: f"LPAD(HEX({name} + 0), {2 * byte_length(column)}, '0')",
        Form.BYTES: lambda: hexadecimal(name),
        Form.TEXT: lambda: _told(as_text(column)),
        Form.LONG_BYTES: lambda: f"SHA1({name})",
        Form.LONG_TEXT: lambda: f"SHA1({as_text(column)})",
        Form.DOCUMENT: lambda: f"SHA1({as_text(column)})",
    }[form]()


def _told(text: str) -> str:
    return f"CONCAT(CHAR_LENGTH({text}), '/', {text})"


def _moment(column: Column, name: str) -> str:
    if column.data_type == "datetime":
        return f"IF(LEFT(CAST({name} AS CHAR), 10) = '{midnight('')[:10]}', NULL, {fraction(column, name)})"
    return f"IF(UNIX_TIMESTAMP({name}) = 0, NULL, {in_utc(name)})"


def _real(name: str) -> str:
    """SQL for the bits of a double (forms.py)."""
    number = f"({name} * 1e0)"
    power = f"GREATEST(LEAST(FLOOR(LOG2(ABS({number})) + 1e-9), 1023), -1074)"
    mantissa = f"CAST(ABS({number}) / POW(2, {power}) * 9007199254740992e0 AS SIGNED)"
    sign = f"IF({number} < 0, '-', '')"
    return f"IF({number} = 0, '0', CONCAT({sign}, {mantissa}, 'p', CAST({power} AS SIGNED)))"
