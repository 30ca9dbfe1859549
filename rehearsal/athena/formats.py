"""Formats: an answer as a table for people, as CSV and as JSON for machines. Rows are written as they come.

Values look as they do in Athena's own results: timestamps with all their digits, binary values as pairs of hexadecimal
digits, and in CSV each value in quotes but NULL, which is nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from math import isfinite
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rehearsal.athena.dialect import QueryError
from rehearsal.athena.engine import Answer

_BLOCK = 1000
"""Rows of one table for people; the next begins with the names of the columns again."""


def as_table(answer: Answer, console: Console) -> int:
    """Write ``answer`` for people; returns the number of its rows."""
    count = 0
    for block in _blocks(answer.rows):
        table = Table()
        for column in answer.columns:
            table.add_column(Text(column))
        for row in block:
            table.add_row(*(Text("NULL", "dim") if value is None else Text(_text(value)) for value in row))
            count += 1
        console.print(table)
    return count


def as_csv(answer: Answer, console: Console) -> int:
    """Write ``answer`` as CSV, names first; returns the number of its rows."""
    count = -1
    for row in chain([answer.columns], answer.rows):
        console.file.write(",".join("" if value is None else _in_quotes(_text(value)) for value in row) + "\n")
        count += 1
    return count


def as_json(answer: Answer, console: Console) -> int:
    """Write ``answer`` as a JSON array with an object a row; returns the number of its rows.

    Integers, also those of a decimal(20,0), and doubles are numbers, booleans are themselves. All other values are
    text, which keeps each digit of a decimal.
    """
    if len(set(answer.columns)) < len(answer.columns):
        raise QueryError("two columns have one name, which no JSON object can show: name them with AS")
    count = 0
    for row in answer.rows:
        values = {name: _plain(value) for name, value in zip(answer.columns, row, strict=True)}
        console.file.write(("[\n" if count == 0 else ",\n") + json.dumps(values, ensure_ascii=False))
        count += 1
    console.file.write("\n]\n" if count else "[]\n")
    return count


FORMATS: dict[str, Callable[[Answer, Console], int]] = {"table": as_table, "csv": as_csv, "json": as_json}


def _blocks(rows: Iterator[tuple[Any, ...]]) -> Iterable[list[tuple[Any, ...]]]:
    """At least one block, so that an empty answer shows its columns."""
    block = list(islice(rows, _BLOCK))
    while True:
        yield block
        block = list(islice(rows, _BLOCK))
        if not block:
            return


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex(" ")
    if isinstance(value, list):
        return f"[{', '.join('null' if item is None else _text(item) for item in value)}]"
    return str(value)


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
