"""Athena's statements: checksums of ranges of what shows a table's rows, and the rows of some ranges."""

from __future__ import annotations

import re
from collections.abc import Collection

from audit.sql.comparison import UNREADABLE, Compared, Comparison
from audit.sql.forms import DIGITS, EMPTY, INSTEAD, LETTERS, NULL, SEPARATOR, WRONG, Form

_ARGUMENTS = 100
"""Of one function; Trino takes 127."""
_TYPES: dict[Form, str] = {
    Form.INTEGER: "tinyint smallint integer bigint decimal",
    Form.FLAG: "boolean",
    Form.DECIMAL: "decimal",
    Form.SINGLE: "double",
    Form.DOUBLE: "double",
    Form.DATE: "date",
    Form.MOMENT: "timestamp timestamp(0) timestamp(3) timestamp(6)",
    Form.BITS: "varbinary",
    Form.BYTES: "varbinary",
    Form.LONG_BYTES: "varbinary",
}
"""What a view gives for a form; for every other one a varchar."""
_DURATION = r"^-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?$"
_MOST_SINGLE, _MOST_DOUBLE = "3.40282356E38", "1.7976931348623157E308"


def digests(comparison: Comparison, digits: int, within: Collection[str]) -> str:
    """The query for the checksums of the ranges of ``digits`` digits, all that lie in the ranges ``within``.

    Its columns: the range, the number of rows, and the sum of the rows' numbers for each group of columns.
    """
    hashes = [
        f"{_sha1(_row(comparison, group, first=not place))} AS cdc_row_{place}"
        for place, group in enumerate(comparison.groups)
    ]
    sums = [
        f"sum(CAST(translate(substr(cdc_row_{place}, 1, {DIGITS}), '{LETTERS}', '{INSTEAD}') AS decimal(38,0)))"
        for place, _ in enumerate(comparison.groups)
    ]
    inner = f"SELECT {_sha1(_key(comparison))} AS cdc_key, {', '.join(hashes)} FROM {_from(comparison)}"
    where = f" WHERE {_in('cdc_key', within)}" if within else ""
    return (
        f"SELECT substr(cdc_key, 1, {digits}) AS cdc_range, count(*) AS cdc_rows, {', '.join(sums)} "
        f"FROM ({inner}){where} GROUP BY 1"
    )


def rows(comparison: Comparison, within: Collection[str]) -> str:
    """The query for ``lake_columns`` of the rows in the ranges ``within``; of all rows if there are none."""
    condition = _in(_sha1(_key(comparison)), within) if within else ""
    joined = " AND " if comparison.where else " WHERE "
    columns = ", ".join(map(_quoted, comparison.lake_columns))
    return f"SELECT {columns} FROM {_from(comparison)}{joined + condition if condition else ''}"


def _from(comparison: Comparison) -> str:
    return _quoted(comparison.name) + (f" WHERE {comparison.where}" if comparison.where else "")


def _in(key: str, within: Collection[str]) -> str:
    digits = len(next(iter(within)))
    return f"substr({key}, 1, {digits}) IN ({', '.join(_literal(one) for one in sorted(within))})"


def _key(comparison: Comparison) -> str:
    return _joined([_canonical(one, comparison.null_and_empty) for one in comparison.key])


def _row(comparison: Comparison, columns: Collection[Compared], *, first: bool) -> str:
    """The canonical text of a row. One that the view could not read is no row of the source's."""
    mark = f"IF({_quoted(UNREADABLE)} IS NULL, '', '{WRONG}')"
    texts = [_canonical(one, comparison.null_and_empty) for one in columns]
    return _joined(texts, mark if first and comparison.marks_unreadable else "")


def _joined(texts: list[str], mark: str = "") -> str:
    """Texts, each with a separator behind it, and the mark."""
    parts = [part for text in texts for part in (text, f"'{SEPARATOR}'")] + ([mark] if mark else [])
    shares = [parts[first : first + _ARGUMENTS] for first in range(0, len(parts), _ARGUMENTS)]
    joined = [f"concat({', '.join(share)})" if len(share) > 1 else share[0] for share in shares]
    return joined[0] if len(joined) == 1 else f"concat({', '.join(joined)})"


def _sha1(text: str) -> str:
    return f"lower(to_hex(sha1(to_utf8({text}))))"


def _canonical(one: Compared, null_and_empty: bool) -> str:
    name = _quoted(one.column.name)
    if not _right(one):
        return f"IF({name} IS NULL, '{NULL}', '{WRONG}')"
    text = _text(one, name)
    if not null_and_empty and one.form in EMPTY:
        text = f"nullif({text}, '{EMPTY[one.form]}')"
    return f"coalesce({text}, '{NULL}')"


def _right(one: Compared) -> bool:
    """Whether the lake's column has a type that the values of the source's can have."""
    kind = one.lake_type if one.form is Form.MOMENT else one.lake_type.partition("(")[0]
    if one.as_string:
        return kind in (*_TYPES[Form.INTEGER].split(), "varchar")
    return kind in _TYPES.get(one.form, "varchar").split()


def _text(one: Compared, name: str) -> str:
    """SQL for the canonical text of a value; NULL for NULL."""
    written = f"CAST({_with_a_digit(one, name)} AS varchar)"
    texts = {
        Form.FLAG: f"IF({name}, '1', '0')",
        Form.LONG_DECIMAL: rf"IF(regexp_like({name}, '^-?[0-9]+(\.[0-9]+)?$'), {name}, '{WRONG}')",
        Form.SINGLE: f"IF(abs({name}) <= {_MOST_SINGLE}, {_real(f'CAST(CAST({name} AS real) AS double)')}, '{WRONG}')",
        Form.DOUBLE: f"IF(abs({name}) <= {_MOST_DOUBLE}, {_real(name)}, '{WRONG}')",
        Form.MOMENT: f"rpad(IF(length({written}) = 19, concat({written}, '.'), {written}), 26, '0')",
        Form.TIME: f"IF(regexp_like({name}, '{_DURATION}'), {_duration(name)}, '{WRONG}')",
        Form.BITS: f"to_hex({name})",
        Form.BYTES: f"to_hex({name})",
        Form.TEXT: f"concat(CAST(length({written}) AS varchar), '/', {written})"
        if one.as_string
        else f"concat(CAST(length({name}) AS varchar), '/', {name})",
        Form.LONG_BYTES: f"lower(to_hex(sha1({name})))",
        Form.LONG_TEXT: _sha1(name),
        Form.DOCUMENT: _sha1(name),
    }
    text = texts.get(one.form, written)
    return f"IF({name} IS NOT NULL, {text})" if text.startswith("IF(") else text


def _with_a_digit(one: Compared, name: str) -> str:
    """SQL for a decimal that has a digit before its point: DuckDB writes none where its type has room for none."""
    digits = re.fullmatch(r"decimal\((\d+),\1\)", one.lake_type)
    return f"CAST({name} AS decimal({int(digits[1]) + 1},{digits[1]}))" if digits else name


def _real(number: str) -> str:
    """SQL for the bits of a double (forms.py)."""
    power = f"greatest(least(floor(log2(abs({number})) + 1E-9), 1023E0), -1074E0)"
    mantissa = f"abs({number}) / power(2E0, {power}) * 9007199254740992E0"
    sign = f"IF({number} < 0, '-', '')"
    return f"IF({number} = 0, '0', concat({sign}, {_integer(mantissa)}, 'p', {_integer(power)}))"


def _integer(number: str) -> str:
    return f"CAST(CAST({number} AS bigint) AS varchar)"


def _duration(name: str) -> str:
    pointed = f"IF(strpos({name}, '.') = 0, concat({name}, '.'), {name})"
    return f"rpad({pointed}, CAST(strpos({pointed}, '.') + 6 AS integer), '0')"


def _quoted(name: str) -> str:
    return '"' + name.lower().replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
