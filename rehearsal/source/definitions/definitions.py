"""Definitions: all tables as they are at one place of the log, and what the next statement makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from database.definition import Definition
from model import PipelineError, Table, TableChange, qualified
from rehearsal.source.definitions.alteration import FIRST, TAKE_ROWS, Alteration
from rehearsal.source.definitions.altered import altered
from rehearsal.source.definitions.dialect import Dialect, Session, UnreadableError
from rehearsal.source.definitions.reading import Name
from rehearsal.source.definitions.statements import (
    AlterTable,
    CreateTable,
    DropSchema,
    DropTable,
    RenameTable,
    SetSchema,
    Step,
    TruncateTable,
    steps,
)

Selects = Callable[[str, str], bool]
"""Whether the mappings select a table of this schema and name."""

_EMPTY = Definition(schema="", name="", columns=(), charset="")


class Definitions:
    """The definitions of all tables that are there at one place of the log.

    A table whose statement cannot be read is no longer known; if it is one that ``selects`` selects, that is refused
    with PipelineError, for its rows could only be guessed.
    """

    def __init__(
        self,
        dialect: Dialect,
        selects: Selects,
        tables: Iterable[Definition],
        charsets: Mapping[str, str] | None = None,
    ) -> None:
        self.dialect = dialect
        self.selects = selects
        self.charsets = dict(charsets or {})
        """The default character set of each schema."""
        self.unknown: dict[Name, str] = {}
        """Tables that are there and whose definition nobody knows, with the reason; without a name, all of a schema."""
        self.unseen: set[Name] = set()
        """Tables that were asked for, as whoever reads rows does, and that are selected and not known to be there."""
        self.version = 0
        """Rises with each statement that changed a definition."""
        self._tables = {self._place((table.schema, table.name)): table for table in tables}

    def all(self) -> tuple[Definition, ...]:
        """Every known table, by schema and name."""
        return tuple(self._tables[name] for name in sorted(self._tables))

    def tables(self) -> tuple[Table, ...]:
        """Every known table as replication sees it; the same object for as long as nothing alters it."""
        return tuple(definition.table for definition in self.all())

    def table(self, schema: str, name: str) -> Table | None:
        """The table of this name if it is selected and there. PipelineError if nobody knows its definition."""
        place = self._place((schema, name))
        if not self.selects(schema, name):
            return None
        found = self._tables.get(place)
        why = None if found else self.unknown.get(place) or self.unknown.get((place[0], ""))
        if why:
            raise PipelineError(
                f"the binlog has rows of {qualified(schema, name)}, whose definition is not known: {why}. Reload the "
                "table"
            )
        if found is None:
            self.unseen.add((schema, name))
        return found.table if found else None

    def forget(self, name: Name, why: str) -> None:
        """The definition of this table is not known (any more)."""
        place = self._place(name)
        self._tables = {other: table for other, table in self._tables.items() if name[1] or other[0] != place[0]}
        self._tables.pop(place, None)
        self.unknown[place] = why

    def remove(self, name: Name) -> None:
        """There is no table of this name."""
        self._tables.pop(self._place(name), None)
        self.unknown.pop(self._place(name), None)

    def apply(self, statement: str, session: Session) -> tuple[TableChange, ...]:
        """Go behind ``statement``, the next one in the log: what it did to which tables."""
        try:
            todo = steps(statement, self.dialect, session)
        except UnreadableError as error:
            raise PipelineError(
                f"the rehearsal cannot tell which tables a statement of the log is about: {error}: {statement[:300]}"
            ) from None
        changes: list[TableChange] = []
        for step in todo:
            try:
                changes += self._step(step, session)
            except UnreadableError as error:
                self._lose(step, str(error), statement)
            self.version += 1
        return tuple(changes)

    def _lose(self, step: Step, why: str, statement: str) -> None:
        name = step.new if isinstance(step, RenameTable) else getattr(step, "name", ("", ""))
        if self.selects(*name):
            raise PipelineError(
                f"a statement on {qualified(*name)} in the binlog cannot be applied to its definition: {why}. Reload "
                f"the table behind the statement, or take it out of the mappings. The statement: {statement[:300]}"
            )
        self.forget(name, f"{why}, in {statement[:100]}")

    def _place(self, name: Name) -> Name:
        return self.dialect.folded(name[0]), self.dialect.folded(name[1])

    def _step(self, step: Step, session: Session) -> list[TableChange]:
        if session.error:
            return self._failed(step, session.error)
        if isinstance(step, CreateTable):
            return self._create(step, session)
        if isinstance(step, AlterTable):
            return self._alter(step, session)
        if isinstance(step, RenameTable):
            return self._rename(step.old, step.new)
        if isinstance(step, DropTable):
            return self._drop(step.name)
        if isinstance(step, TruncateTable):
            known = self._tables.get(self._place(step.name))
            return [TableChange(kind="truncated", before=known.table, after=known.table)] if known else []
        if isinstance(step, SetSchema):
            if step.charset or step.creates:
                given = step.charset or session.server_charset or self.dialect.charset
                self.charsets[self.dialect.folded(step.schema)] = given
            return []
        return self._drop_schema(step)

    def _failed(self, step: Step, error: int) -> list[TableChange]:
        """A statement that failed is in the log if it did something: CREATE OR REPLACE has dropped its table."""
        if isinstance(step, CreateTable) and step.replaces:
            return self._drop(step.name)
        raise UnreadableError(f"it failed with error {error}, and nobody knows what it has done by then")

    def _charset(self, schema: str, session: Session) -> str:
        return self.charsets.get(self.dialect.folded(schema)) or session.server_charset or self.dialect.charset

    def _create(self, step: CreateTable, session: Session) -> list[TableChange]:
        place = self._place(step.name)
        if step.lenient and (place in self._tables or place in self.unknown):
            return []
        gone = self._drop(step.name)
        if step.unreadable:
            raise UnreadableError(step.unreadable)
        if step.elements.versioned:  # keeps old rows; the catalog does not list it as a base table, nor does DMS
            return gone
        made = self._made(step, session)
        self._tables[place] = made
        return [*gone, TableChange(kind="created", before=None, after=made.table)]

    def _made(self, step: CreateTable, session: Session) -> Definition:
        schema, name = step.name
        if step.like:
            model = self._tables.get(self._place(step.like))
            if model is None:
                raise UnreadableError(f"the definition of {qualified(*step.like)}, which it is like, is not known")
            return replace(model, schema=schema, name=name)
        default = self._charset(schema, session)
        empty = replace(_EMPTY, schema=schema, name=name, charset=default)
        return altered(empty, step.elements, default, self.dialect)

    def _drop(self, name: Name) -> list[TableChange]:
        place = self._place(name)
        self.unknown.pop(place, None)
        known = self._tables.pop(place, None)
        return [TableChange(kind="dropped", before=known.table, after=None)] if known else []

    def _drop_schema(self, step: DropSchema) -> list[TableChange]:
        schema = self.dialect.folded(step.schema)
        self.charsets.pop(schema, None)
        mine = [name for name in (*self._tables, *self.unknown) if name[0] == schema]
        return [change for name in mine for change in self._drop(name)]

    def _alter(self, step: AlterTable, session: Session) -> list[TableChange]:
        place = self._place(step.name)
        known = self._tables.get(place)
        if known is None:
            renamed = step.alteration.new_name
            return self._rename(step.name, renamed) if renamed and place in self.unknown else []
        if step.unreadable:
            raise UnreadableError(step.unreadable)
        if step.alteration.versioned:
            raise UnreadableError(
                "it makes a system-versioned table, whose rows DMS does not read as an ordinary table's"
            )
        stays = _staying(step.alteration, known)
        made = altered(known, stays, self._charset(known.schema, session), self.dialect)
        self._tables[place] = known if made == known else made
        change = _altered(known, self._tables[place], step.alteration)
        renames = step.alteration.new_name
        return [change, *(self._rename(step.name, renames) if renames else ())]

    def _rename(self, old: Name, new: Name) -> list[TableChange]:
        place, target = self._place(old), self._place(new)
        if place in self.unknown:
            why = self.unknown.pop(place)
            if self.selects(*new):
                raise UnreadableError(
                    f"the definition of {qualified(*old)}, which takes its place, is not known: {why}"
                )
            self.unknown[target] = why
            return []
        known = self._tables.pop(place, None)
        if known is None:  # a view, or a table that the user may not see
            return []
        if target in self._tables and target != place:
            raise UnreadableError("there is a table of the new name already: was a temporary table renamed?")
        self._tables[target] = replace(known, schema=new[0], name=new[1])
        return [TableChange(kind="renamed", before=known.table, after=self._tables[target].table)]


def _staying(alteration: Alteration, known: Definition) -> Alteration:
    """``alteration`` without its RENAME TO, which is a step of its own."""
    return replace(alteration, new_name=(known.schema, known.name))


def _altered(before: Definition, after: Definition, alteration: Alteration) -> TableChange:
    there = {one.folded for one in before.columns}
    added = [placed for placed in alteration.columns if placed.old is None and placed.column.name.lower() not in there]
    return TableChange(
        kind="altered",
        before=before.table,
        after=after.table,
        placed=tuple(
            f"{placed.column.name} {'FIRST' if placed.after == FIRST else f'AFTER {placed.after}'}"
            for placed in added
            if placed.after is not None
        ),
        filled=tuple(
            placed.column.name
            for placed in added
            if (placed.column.default or placed.column.nullable is False) and not placed.column.left_out
        ),
        partitions=alteration.partitions if alteration.partitions in TAKE_ROWS else "",
    )
