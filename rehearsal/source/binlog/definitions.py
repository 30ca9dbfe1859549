"""Definitions: for which definition of a table its rows in the binlog were written.

A table map does not name columns, so a catalog has to, and the catalog may be ahead of the log: the reader's, and even
the source's own, once statements have altered the table behind the place that is read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

from model import PipelineError, Table
from rehearsal.source import catalog
from rehearsal.source.binlog.decode import DefinitionMismatchError
from rehearsal.source.binlog.rows import RowDecoder, TableMap, table_map
from rehearsal.source.connection.server import Server

TableOf = Callable[[str, str], Table | None]
"""Schema and table name to the table as its reader knows it; None for a table that is not captured."""

_WORD = re.compile(r"`(?:[^`]|``)+`|[^\s`.,;()]+")


class Definitions:
    """The definitions of tables at one place of the log, and the decoders of their rows."""

    def __init__(self, server: Server, table_of: TableOf) -> None:
        self._server = server
        self._table_of = table_of
        self._tables: dict[tuple[str, str], Table] = {}
        self._altered: set[str] = set()
        self._decoders: dict[bytes, RowDecoder | None] = {}

    def decoder(self, described: bytes) -> RowDecoder | None:
        """The decoder for the rows behind a table map (its body from behind id and flags); None if not captured.

        PipelineError where neither the reader nor the catalog knows the definition for which they were written.
        """
        if described not in self._decoders:
            self._decoders[described] = self._new_decoder(table_map(described))
        return self._decoders[described]

    def altered_by(self, statement: str) -> None:
        """Forget the tables that a DDL statement names. Nothing else of it is understood, so any word may be one."""
        named = {word.strip("`").replace("``", "`").lower() for word in _WORD.findall(statement)}
        self._altered |= named
        self._tables = {name: table for name, table in self._tables.items() if name[1].lower() not in named}
        self._decoders.clear()

    def _new_decoder(self, mapped: TableMap) -> RowDecoder | None:
        asked = self._table_of(mapped.schema, mapped.name)
        if asked is None:
            return None
        name = (mapped.schema, mapped.name)
        known = self._tables.get(name, asked)
        if name in self._tables or mapped.name.lower() not in self._altered:
            with contextlib.suppress(DefinitionMismatchError):
                return self._agreed(RowDecoder(mapped, known))
        try:
            return self._agreed(RowDecoder(mapped, self._reread(mapped) or known))
        except DefinitionMismatchError as mismatch:
            raise PipelineError(
                f"the binlog's rows of {mapped.schema}.{mapped.name} were written for another definition than the "
                f"catalog's ({mismatch}): the table was altered since; reload it and start behind the change"
            ) from None

    def _agreed(self, decoder: RowDecoder) -> RowDecoder:
        """Keep to this definition until a statement names the table: the catalog may be ahead of the log."""
        self._tables[decoder.table.schema, decoder.table.name] = decoder.table
        return decoder

    def _reread(self, mapped: TableMap) -> Table | None:
        with self._server.connect() as connection:
            return catalog.table(connection, mapped.schema, mapped.name)
