"""Table descriptions: the columns of captured tables, from the checked-in files of ``schemas/``. No I/O here.

A program that declares views must know columns before there is a database to ask. ``python -m rehearsal describe``
writes the files from a live source; a table without one is in the lake's untyped views all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from documents.json_text import read_json


class DescriptionError(ValueError):
    """Descriptions are refused; the text names file or table, rule and remedy."""


@dataclass(frozen=True, kw_only=True)
class ColumnDescription:
    """A column of the source."""

    name: str
    type: str
    """MySQL's COLUMN_TYPE: ``decimal(10,2)``."""


@dataclass(frozen=True, kw_only=True)
class TableDescription:
    """A captured table as far as it is known."""

    schema: str
    table: str
    primary_key: tuple[str, ...] = ()
    """Names of its columns; none for a table without one, or where nothing is known."""
    columns: tuple[ColumnDescription, ...] = ()
    """None where nothing is known but the name."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


def parse(content: bytes, file: str) -> TableDescription:
    """The description that ``content`` (UTF-8) is, which stands in ``file``. DescriptionError if it is none."""
    try:
        return _description(read_json(content.decode("utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise DescriptionError(
            f"{file} is no description of a table ({type(error).__name__}: {error}): delete it, then "
            "write it anew with `python -m rehearsal describe`"
        ) from error


def _description(document: Any) -> TableDescription:
    columns = tuple(ColumnDescription(name=_text(it["name"]), type=_text(it["type"])) for it in document["columns"])
    if not columns:
        raise ValueError("it has no columns")
    key = tuple(map(_text, document["primaryKey"]))
    if unknown := set(key) - {column.name for column in columns}:
        raise ValueError(f"primaryKey names {', '.join(sorted(unknown))}, which is none of its columns")
    return TableDescription(
        schema=_text(document["schema"]), table=_text(document["table"]), primary_key=key, columns=columns
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} where a name or a type must stand")
    return value
