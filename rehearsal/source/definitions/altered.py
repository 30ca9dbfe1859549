"""Altered: what a table is after an ALTER TABLE.

All its actions are of one kind: old names stand for columns as they were before the statement, the names behind AFTER
for columns as they are after it. The order of columns is that of mysql_prepare_alter_table of both servers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from database.definition import DefinedColumn, Definition
from rehearsal.source.definitions.alteration import FIRST, Alteration, Placed
from rehearsal.source.definitions.columns import WrittenColumn
from rehearsal.source.definitions.dialect import Dialect, UnreadableError
from rehearsal.source.definitions.types import converted


def altered(definition: Definition, alteration: Alteration, database_charset: str, dialect: Dialect) -> Definition:
    """``definition`` after the statement. UnreadableError where the two do not fit."""
    key = _key(definition, alteration)
    alteration = replace(alteration, columns=list(_effective(definition, alteration)))
    convert = (alteration.convert or database_charset) if alteration.converts else None
    default = alteration.charset or convert or definition.charset
    columns = _columns(definition, alteration, _Charsets(default, convert, dialect))
    if missing := {name.lower() for name in key} - {one.folded for one in columns}:
        raise UnreadableError(f"the primary key has columns that are not there: {', '.join(sorted(missing))}")
    spelled = {one.folded: one.name for one in columns}
    columns = [_of_key(one) if one.folded in {name.lower() for name in key} else one for one in columns]
    key = tuple(spelled[name.lower()] for name in key)
    schema, name = alteration.new_name or (definition.schema, definition.name)
    return Definition(schema=schema, name=name, columns=tuple(columns), primary_key=key, charset=default)


class _Charsets(NamedTuple):
    """Which character set columns get."""

    default: str
    convert: str | None
    """What all texts are converted to; None if nothing is converted."""
    dialect: Dialect

    def new(self, written: WrittenColumn) -> DefinedColumn:
        """A column that the statement defines."""
        if self.convert and written.type.is_text and written.type.charset != "binary":
            written = replace(written, type=replace(written.type, charset=self.convert))
        one = written.defined(self.default, self.dialect)
        return self.old(one) if one.column.data_type == "json" else one

    def old(self, one: DefinedColumn) -> DefinedColumn:
        """A column that was there."""
        return one._replace(column=converted(one.column, self.convert, self.dialect)) if self.convert else one


def _effective(definition: Definition, alteration: Alteration) -> Iterator[Placed]:
    """The columns that are added or changed, without those of IF EXISTS and IF NOT EXISTS that do not fit."""
    there = {one.folded for one in definition.columns}
    added: set[str] = set()
    for placed in alteration.columns:
        name = placed.column.name.lower()
        if placed.lenient and placed.old is None and name in there | added:
            continue
        if placed.lenient and placed.old is not None and placed.old.lower() not in there:
            continue
        added.add(name)
        yield placed


def _of_key(one: DefinedColumn) -> DefinedColumn:
    return one._replace(column=replace(one.column, nullable=False))


def _columns(definition: Definition, alteration: Alteration, charsets: _Charsets) -> list[DefinedColumn]:
    """As mysql_prepare_alter_table: the old columns where they were, then what is placed, one after the other."""
    there = {one.folded for one in definition.columns}
    _check(alteration, there)
    changed: dict[str, Placed] = {}
    for placed in alteration.columns:
        if placed.old is not None and placed.old.lower() in there - alteration.dropped.keys():
            changed.setdefault(placed.old.lower(), placed)  # a second one is for a column of that name that is added
    columns: list[DefinedColumn] = []
    for one in definition.columns:
        placed = changed.get(one.folded)
        if one.folded in alteration.dropped:
            continue
        if placed is None:
            columns.append(charsets.old(_kept(one, alteration)))
        else:
            columns.append(charsets.new(placed.column))
    for placed in alteration.columns:
        if placed.old is None or placed.after is not None or changed.get(placed.old.lower()) is not placed:
            columns = [one for one in columns if not (placed.old and one.folded == placed.column.name.lower())]
            columns.insert(_place(columns, placed), charsets.new(placed.column))
    _check_names(columns)
    return columns


def _kept(one: DefinedColumn, alteration: Alteration) -> DefinedColumn:
    name = alteration.renamed.get(one.folded, one.name)
    shown = alteration.shown.get(one.folded)
    return DefinedColumn(replace(one.column, name=name), one.left_out if shown is None else not shown)


def _place(columns: list[DefinedColumn], placed: Placed) -> int:
    if placed.after is None:
        return len(columns)
    if placed.after == FIRST:
        return 0
    behind = [place for place, one in enumerate(columns) if one.folded == placed.after.lower()]
    if not behind:
        raise UnreadableError(f"{placed.column.name} is to stand behind {placed.after}, which the table does not have")
    return behind[0] + 1


def _check(alteration: Alteration, there: set[str]) -> None:
    """UnreadableError for a column that is not there. One that the statement itself adds may be changed at once."""
    added = {placed.column.name.lower() for placed in alteration.columns if placed.old is None}
    gone = [name for name, lenient in alteration.dropped.items() if not lenient and name not in there]
    gone += [name for name in (*alteration.renamed, *alteration.shown) if name not in there | alteration.lenient]
    gone += [
        placed.old
        for placed in alteration.columns
        if placed.old and placed.old.lower() not in there and placed.column.name.lower() not in added
    ]
    if gone:
        raise UnreadableError(f"the table has no column {gone[0]}")


def _check_names(columns: list[DefinedColumn]) -> None:
    names = [one.folded for one in columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableError(f"the table has a column {twice[0]} already")
    if not columns:
        raise UnreadableError("no column is left")


def _key(definition: Definition, alteration: Alteration) -> tuple[str, ...]:
    """The primary key; a column that is dropped goes out of it, unless another of its name is added."""
    new = dict(alteration.renamed)
    new |= {placed.old.lower(): placed.column.name for placed in reversed(alteration.columns) if placed.old}
    old = () if alteration.drops_key else definition.primary_key
    added = {placed.column.name.lower() for placed in _effective(definition, alteration) if placed.old is None}
    gone = alteration.dropped.keys() - added
    kept = tuple(new.get(name.lower(), name) for name in old if name.lower() not in gone)
    # IF EXISTS is said of the key as well: it is made where there was none, whether the column was made or not.
    there = bool(definition.primary_key)
    alone = tuple(one.column.name for one in alteration.columns if one.column.key and not (one.lenient and there))
    return alteration.key or alone or kept
