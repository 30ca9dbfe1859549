"""Table descriptions: the columns of captured tables, from the checked-in files of ``schemas/``. No resources here.

A program that declares views must know columns before there is a database to ask. ``python -m rehearsal describe``
writes the files from a live source; a table without one is in the lake's untyped views all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import RunError

from components.dms_documents import TablePattern

FOLDER = Path(__file__).parent.parent / "schemas"


class DescriptionError(RunError):
    """What ``schemas/`` says is refused; the text names file or table, rule and remedy. No traceback is printed."""


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


def described(
    tables: Sequence[TablePattern], exclude_tables: Sequence[TablePattern] = (), folder: Path = FOLDER
) -> tuple[TableDescription, ...]:
    """The captured tables that are known, by name: those with a file, and those that ``tables`` names in full.

    Raises DescriptionError for a file that is no description.
    """
    known: dict[tuple[str, str], TableDescription] = {}
    for file in sorted(folder.glob("*.json")):
        found = _read(file)
        if known.setdefault((found.schema, found.table), found) is not found:
            raise DescriptionError(f"schemas/{file.name} describes {found}, which another file describes: delete one")
    for pattern in tables:
        if pattern.names_one_table:
            known.setdefault(
                (pattern.schema, pattern.table), TableDescription(schema=pattern.schema, table=pattern.table)
            )
    return tuple(known[name] for name in sorted(known) if _any(tables, *name) and not _any(exclude_tables, *name))


def _any(patterns: Iterable[TablePattern], schema: str, table: str) -> bool:
    return any(pattern.matches(schema, table) for pattern in patterns)


def _read(file: Path) -> TableDescription:
    try:
        return _description(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise DescriptionError(
            f"schemas/{file.name} is no description of a table ({type(error).__name__}: {error}): delete it, then "
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
