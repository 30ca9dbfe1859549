"""Descriptions: which captured tables are known, from the files of ``schemas/``, and the catalog that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pulumi

from configuration.mapped_tables import mapped_tables
from configuration.rule import Problem
from configuration.settings import Settings, SettingsError, report
from documents.lake_catalog import Catalog, identifier
from documents.lake_catalog import catalog as catalog_of
from documents.table_descriptions import DescriptionError, TableDescription, parse
from documents.table_patterns import TablePattern

FOLDER = Path(__file__).parent.parent / "schemas"


def catalog(settings: Settings) -> Catalog:
    """What there is to query of the tables that ``settings`` capture, as the mappings leave them.

    Raises SettingsError for what is refused; what is legal and probably not meant is logged as a warning.
    """
    capture = settings.replication.capture
    mapped = mapped_tables(capture, described(capture.tables, capture.exclude_tables))
    if mapped.problems:
        raise SettingsError(report(settings.stack, mapped.problems))
    for warning in mapped.warnings:
        pulumi.log.warn(warning)
    try:
        windows = settings.windows
        found = catalog_of(
            identifier(settings.name),
            mapped.tables,
            by_table=settings.lake.partition_by_table,
            windows=windows,
            heartbeat_minutes=settings.replication.heartbeat_minutes,
        )
    except DescriptionError as error:
        raise SettingsError(str(error)) from error
    if windows and not found.kept_tables:
        raise SettingsError(report(settings.stack, [_nothing_to_keep(settings.kept.tables_every_minutes)]))
    return found


def described(
    tables: Sequence[TablePattern], exclude_tables: Sequence[TablePattern] = (), folder: Path = FOLDER
) -> tuple[TableDescription, ...]:
    """The captured tables that are known, by name: those with a file, and those that ``tables`` names in full.

    Raises SettingsError for a file that is no description.
    """
    known: dict[tuple[str, str], TableDescription] = {}
    for file in sorted(folder.glob("*.json")):
        found = _read(file)
        if known.setdefault((found.schema, found.table), found) is not found:
            raise SettingsError(f"schemas/{file.name} describes {found}, which another file describes: delete one")
    for pattern in tables:
        if pattern.names_one_table:
            known.setdefault(
                (pattern.schema, pattern.table), TableDescription(schema=pattern.schema, table=pattern.table)
            )
    return tuple(known[name] for name in sorted(known) if _any(tables, *name) and not _any(exclude_tables, *name))


def _read(file: Path) -> TableDescription:
    try:
        return parse(file.read_bytes(), f"schemas/{file.name}")
    except DescriptionError as error:
        raise SettingsError(str(error)) from error


def _any(patterns: Iterable[TablePattern], schema: str, table: str) -> bool:
    return any(pattern.matches(schema, table) for pattern in patterns)


def _nothing_to_keep(minutes: int) -> Problem:
    return Problem(
        "tablesEveryMinutes",
        minutes,
        "no captured table is described with a primary key, so there is nothing to keep a table of",
        "describe tables: python -m rehearsal describe, or set it to 0",
    )
