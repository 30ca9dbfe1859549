"""Forms of Iceberg tables: what a description makes of a table, and which other form it can take. Pure functions.

Where the log has every record, a table of another form is built anew of it. Where records have expired, only ALTER
TABLE keeps the rows: a column comes or goes, an int becomes a bigint, a decimal gets more digits.
https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-evolving-table-schema.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from documents.canonical import canonical, digest

_FORMAT = 1
"""To be raised when a statement puts something else into a column than before: then every table is another one."""
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


@dataclass(frozen=True, kw_only=True)
class Form:
    """What an Iceberg table is."""

    of: str
    """The table of the source."""
    key: tuple[str, ...]
    columns: Mapping[str, str]
    """Hive's types by name, in lower case."""
    format: int = _FORMAT

    @property
    def identity(self) -> str:
        """What no ALTER TABLE changes. The text of a key is the same in a wider type."""
        keys = [(name, _wide(self.columns[name.lower()])) for name in self.key]
        return f"{self.format}-{digest(f'{self.of}{keys}')}"

    @property
    def folder(self) -> str:
        """Another one for each other form; it begins with the identity."""
        return f"{self.identity}-{digest(canonical(self.columns))}"

    @property
    def remembered(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "key": list(self.key), "columns": dict(self.columns)}


def refusals(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Why a table of the form ``old`` cannot be altered into ``new``, both as remembered; nothing if it can."""
    made, would = (f"{it['of']} in format {int(it['format'])}" for it in (old, new))
    if made != would:
        yield f"it was made of {made}, and would be of {would}"
    if list(old["key"]) != list(new["key"]):
        yield f"its primary key is ({', '.join(old['key'])}) and would become ({', '.join(new['key'])})"
    for name, was in old["columns"].items():
        becomes = new["columns"].get(name, was)
        if not _widens(was, becomes):
            yield f"column {name} is {was} and would become {becomes}"
    gone, come = (
        [it for it in one["columns"] if it not in other["columns"]] for one, other in ((old, new), (new, old))
    )
    if gone and come:
        yield (
            f"{', '.join(gone)} would go and {', '.join(come)} come at the same time, and if that is another name for "
            "the same column, its values would be lost"
        )


def alteration(database: str) -> str:
    """Of ``$table`` in a state machine that has just asked Glue for it, in JSONata: the next statement that brings it
    nearer to its description; empty if it is there. A column that went stays in Glue's list, marked by Iceberg.
    """
    columns = "$states.result.Table.StorageDescriptor.Columns"
    alter = f"'ALTER TABLE `{database}`.`' & $table.name & '` "
    escaped = "$replace({}, '`', '``')".format
    expression = f"""(
        $there := {columns}[$not(Parameters.`iceberg.field.current` = 'false')];
        $gone := $there[$not(Name in $table.columns.name)];
        $come := $table.columns[$not(name in $there.Name)];
        $spelt := $there.(Name & ' ' & $replace(Type, ' ', ''));
        $other := $table.columns[name in $there.Name and $not(name & ' ' & type in $spelt)];
        $added := $come.('`' & {escaped("name")} & '` ' & type);
        $wider := '`' & {escaped("$other[0].name")} & '` ';
        $count($gone) > 0 ? {alter}DROP COLUMN `' & {escaped("$gone[0].Name")} & '`'
        : $count($come) > 0 ? {alter}ADD COLUMNS (' & $join($added, ', ') & ')'
        : $count($other) > 0 ? {alter}CHANGE COLUMN ' & $wider & $wider & $other[0].type
        : ''
    )"""
    return f"{{% {' '.join(expression.split())} %}}"


def _wide(kind: str) -> str:
    """The widest type that ``kind`` may become."""
    return _DECIMAL.sub(r"decimal(38,\2)", "bigint" if kind == "int" else kind)


def _widens(kind: str, to: str) -> bool:
    """Whether a column of type ``kind`` may get the type ``to``."""
    if kind == to or (kind, to) == ("int", "bigint"):
        return True
    sizes = [_DECIMAL.fullmatch(one) for one in (kind, to)]
    return all(sizes) and _wide(kind) == _wide(to) and int(sizes[0][1]) < int(sizes[1][1])  # type: ignore[index]
