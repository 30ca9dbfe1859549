"""Describe: the captured tables as the source has them now, one file each in ``schemas/``.

A program that declares typed views must know columns before there is a database to ask. So what information_schema
says is checked in, as a lock file is: written by a command, compared by the same command with ``--check``. The
names are the source's; what transformations make of them is not told here.

MariaDB and MySQL describe a table alike: MariaDB's JSON, a checked LONGTEXT, is ``json``, and the display widths of
integers and years, which MySQL no longer tells, are left out.
https://dev.mysql.com/doc/refman/8.0/en/numeric-type-attributes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from database import catalog
from mappings import table_mappings as mappings
from model import Column, PipelineError, Table
from model.plan import Plan
from rehearsal.source.checks.readable import check_readable, rules_without_table
from rehearsal.source.source import Source

FOLDER = Path(__file__).resolve().parent.parent / "schemas"

_LONGEST, _SHOWN = 250, 120
"""Characters of a file's name before its ending, at most, and how many of a longer one are kept. Most file systems take
255 bytes."""
_WIDTH = re.compile(r"^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)")


@dataclass(frozen=True, kw_only=True)
class Description:
    """One table's file: what it says and what it must say."""

    file: Path
    before: str | None
    """None where there is no file yet."""
    after: str

    @property
    def state(self) -> str:
        """``new``, ``changed`` or ``same``."""
        if self.before is None:
            return "new"
        return "same" if self.before == self.after else "changed"

    def lines(self) -> Iterator[str]:
        """A line for the file, and one for each thing that changes in it."""
        yield f"{self.state:<8} {_shown(self.file)}"
        if self.before is not None and self.state == "changed":
            for difference in _differences(self.before, self.after):
                yield f"{'':<8}   {difference}"


@dataclass(frozen=True, kw_only=True)
class Descriptions:
    """What a stack captures of a source, beside what a folder has of it."""

    tables: tuple[Description, ...]
    """One for each captured table, in the order in which they load."""
    gone: tuple[Path, ...]
    """Files of tables in the captured schemas that the source does not have, as far as its user sees."""
    warnings: tuple[str, ...]
    """Selection rules without a table."""

    @property
    def differing(self) -> tuple[Description, ...]:
        """Those whose file is missing or says something else."""
        return tuple(one for one in self.tables if one.state != "same")

    def write(self) -> None:
        """Write the files that differ. None is ever deleted: the lake may hold rows of tables that are gone."""
        for one in self.differing:
            one.file.parent.mkdir(exist_ok=True)
            one.file.write_text(one.after, encoding="utf-8", newline="\n")

    def lines(self) -> Iterator[str]:
        """Everything, for people."""
        for one in self.tables:
            yield from one.lines()
        for file in self.gone:
            yield (
                f"{'gone':<8} {_shown(file)}: no such table any more, or none that the user may read; its views stay "
                "declared: delete it if the lake's history of it is not queried"
            )
        for warning in self.warnings:
            yield f"warning: {warning}"


def describe(plan: Plan, source: Source, folder: Path) -> Descriptions:
    """The tables of ``source`` that ``plan`` captures, as the capture user sees them, beside the files in ``folder``.

    Nothing is written. Raises PipelineError where that user may not read all of a captured table, or sees none at all.
    """
    check_readable(plan.replication.table_mappings, source.administrator, source.server)
    rules = mappings.parse(plan.replication.table_mappings)
    with closing(source.server.connect()) as connection:
        tables = catalog.tables(connection)
    captured = rules.in_load_order(tables)
    if not captured:
        raise PipelineError(
            f"no table that {source.server.user} can see matches the mappings of stack {plan.stack!r}, so there is "
            "nothing to describe: check the names (case matters) and the user's SELECT privilege"
        )
    return Descriptions(
        tables=tuple(_description(table, folder) for table in captured),
        gone=_gone(rules, tables, folder),
        warnings=rules_without_table(rules, tables),
    )


def document(table: Table) -> str:
    """The description of ``table`` as it is written: JSON with one line a column, for a diff to read."""
    columns = ",\n".join(f"    {_text({'name': it.name, 'type': _type(it)})}" for it in table.columns)
    return (
        f'{{\n  "schema": {_text(table.schema)},\n  "table": {_text(table.name)},\n'
        f'  "primaryKey": {_text(list(table.primary_key))},\n  "columns": [\n{columns}\n  ]\n}}\n'
    )


def file_name(schema: str, table: str) -> str:
    """``<schema>.<table>.json``; in either, all but ``A-Z a-z 0-9 _ -`` is percent-encoded: one dot parts the two.

    A name that would be too long for a file is cut, and ends with a ``~`` and 32 digits that stand for all of it.
    """
    whole = f"{_encoded(schema)}.{_encoded(table)}"
    if len(whole) > _LONGEST:
        whole = f"{whole[:_SHOWN]}~{sha256(whole.encode()).hexdigest()[:32]}"
    return f"{whole}.json"


def _description(table: Table, folder: Path) -> Description:
    file = folder / file_name(table.schema, table.name)
    before = file.read_text(encoding="utf-8", errors="replace") if file.exists() else None
    return Description(file=file, before=before, after=document(table))


def _type(column: Column) -> str:
    return "json" if column.data_type == "json" else _WIDTH.sub(r"\1", column.column_type)


def _gone(rules: mappings.Mappings, tables: tuple[Table, ...], folder: Path) -> tuple[Path, ...]:
    there = {(table.schema, table.name) for table in tables}
    named = {file: names for file in sorted(folder.glob("*.json")) if (names := _names(file))}
    schemas = [one.schema for one in rules.selections if one.action != "exclude"]
    return tuple(
        file
        for file, names in named.items()
        if names not in there and any(schema.fullmatch(names[0]) for schema in schemas)
    )


def _names(file: Path) -> tuple[str, str] | None:
    """Schema and table, from a name that ``file_name`` gave; None for any other file."""
    schema, _, table = file.stem.partition(".")
    names = unquote(schema), unquote(table)
    if "~" in file.stem:
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            names = str(document["schema"]), str(document["table"])
        except (ValueError, KeyError, TypeError):
            return None
    return names if file_name(*names) == file.name else None


def _encoded(name: str) -> str:
    return quote(name, safe="").replace(".", "%2E").replace("~", "%7E")  # quote takes these two for safe in any URL


def _differences(before: str, after: str) -> list[str]:
    """What a file says otherwise than the source does."""
    try:
        (columns, key), (now, key_now) = _parsed(before), _parsed(after)
    except (ValueError, KeyError, TypeError):
        return ["the file is no description of a table"]
    found = [
        f"column {name}: {columns.get(name, 'none')} in the file, {now.get(name, 'none')} in the source"
        for name in {**columns, **now}
        if columns.get(name) != now.get(name)
    ]
    if key != key_now:
        found.append(f"primary key: {key or 'none'} in the file, {key_now or 'none'} in the source")
    if not found and list(columns) != list(now):
        found.append(f"order of columns: {', '.join(columns)} in the file, {', '.join(now)} in the source")
    return found or ["the same columns and key, written in another form"]


def _parsed(text: str) -> tuple[dict[str, str], str]:
    """The columns' types by name, and the primary key."""
    parsed = json.loads(text)
    return {str(it["name"]): it["type"] for it in parsed["columns"]}, ", ".join(map(str, parsed["primaryKey"]))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
