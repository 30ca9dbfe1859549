"""Alteration: what ALTER TABLE says, and the columns, keys and options of CREATE TABLE, which says it the same way.

https://mariadb.com/kb/en/alter-table/, https://dev.mysql.com/doc/refman/8.0/en/alter-table.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rehearsal.source.definitions.columns import WrittenColumn, charset, collation_charset, read_column
from rehearsal.source.definitions.options import read_option
from rehearsal.source.definitions.reading import Name, Reading

FIRST = ""
"""The place of a column behind no other."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A column that is added or changed."""

    column: WrittenColumn
    old: str | None
    """The name of the column that it changes; None for one that is added."""
    after: str | None
    """Behind which column; FIRST; None where the statement does not say."""
    lenient: bool
    """IF EXISTS or IF NOT EXISTS: nothing happens where it does not fit."""


@dataclass(kw_only=True)
class Alteration:
    """What an ALTER TABLE says, as far as it matters for rows."""

    columns: list[Placed] = field(default_factory=list[Placed])
    dropped: dict[str, bool] = field(default_factory=dict[str, bool])
    """Folded names; whether IF EXISTS stands with it."""
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    """Folded old name to new name."""
    lenient: set[str] = field(default_factory=set[str])
    """Folded names that are renamed or shown if they exist."""
    shown: dict[str, bool] = field(default_factory=dict[str, bool])
    """Folded names of columns that were made visible or invisible."""
    drops_key: bool = False
    key: tuple[str, ...] | None = None
    charset: str | None = None
    """The table's new default."""
    converts: bool = False
    convert: str | None = None
    """What the texts there are are converted to if ``converts``; None for their database's."""
    versioned: bool = False
    """Whether old rows are to be kept: no ordinary table any more."""
    new_name: Name | None = None
    partitions: str = ""
    """What is done to partitions, in SQL's words."""


_PARTITION_ACTIONS = (
    "ADD PARTITION", "DROP PARTITION", "TRUNCATE PARTITION", "EXCHANGE PARTITION", "REORGANIZE PARTITION",
    "COALESCE PARTITION", "CONVERT PARTITION", "CONVERT TABLE", "ANALYZE PARTITION", "CHECK PARTITION",
    "OPTIMIZE PARTITION", "REBUILD PARTITION", "REPAIR PARTITION", "DISCARD PARTITION", "IMPORT PARTITION",
    "REMOVE PARTITIONING", "PARTITION BY",
)  # fmt: skip
TAKE_ROWS = frozenset(
    {"DROP PARTITION", "TRUNCATE PARTITION", "EXCHANGE PARTITION", "CONVERT PARTITION", "CONVERT TABLE"}
)
"""Of these, the ones after which the table has other rows, without one row event."""
_INDEXES = (
    "INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR INDEX", "VECTOR KEY", "FOREIGN KEY", "CHECK", "PERIOD FOR",
)  # fmt: skip


def read_alteration(reading: Reading) -> Alteration:
    """What stands behind the table's name."""
    alteration = Alteration()
    if reading.take("WAIT"):
        reading.number()
    reading.take("NOWAIT")
    while not reading.ended:
        _read_action(reading, alteration)
        if not reading.ended and not reading.take(",") and not begins_partitions(reading):
            raise reading.refuse()
    return alteration


def begins_partitions(reading: Reading) -> bool:
    """Whether what comes next is about partitions."""
    return any(reading.at(*words.split()) for words in _PARTITION_ACTIONS)


def _read_action(reading: Reading, alteration: Alteration) -> None:
    if partitions := reading.take_one(*_PARTITION_ACTIONS):
        alteration.partitions = partitions
        reading.pass_all()
    elif reading.take("ADD"):
        _read_add(reading, alteration)
    elif reading.take("DROP"):
        _read_drop(reading, alteration)
    elif reading.take("MODIFY"):
        reading.take("COLUMN")
        lenient = reading.take("IF", "EXISTS")
        column = read_column(reading)
        alteration.columns.append(_placed(reading, column, column.name, lenient=lenient))
    elif reading.take("CHANGE"):
        reading.take("COLUMN")
        lenient = reading.take("IF", "EXISTS")
        old = reading.name()
        alteration.columns.append(_placed(reading, read_column(reading), old, lenient=lenient))
    elif reading.take("RENAME"):
        _read_rename(reading, alteration)
    elif reading.take("ALTER"):
        _read_alter_column(reading, alteration)
    elif reading.take_one("CONVERT TO CHARACTER SET", "CONVERT TO CHARSET", "CONVERT TO CHAR SET"):
        alteration.converts = True
        alteration.convert = None if reading.take("DEFAULT") else charset(reading)
        if reading.take("COLLATE"):
            alteration.convert = collation_charset(reading) or alteration.convert
        if not reading.dialect.mariadb:  # to MySQL the last clause counts, to MariaDB a DEFAULT CHARACTER SET
            alteration.charset = alteration.convert
    elif reading.take("ORDER", "BY"):
        reading.pass_all()
    else:
        read_options(reading, alteration)


def _at_index(reading: Reading) -> bool:
    return any(reading.at(*words.split()) for words in _INDEXES)


def _placed(reading: Reading, column: WrittenColumn, old: str | None, *, lenient: bool) -> Placed:
    after = FIRST if reading.take("FIRST") else reading.name() if reading.take("AFTER") else None
    return Placed(column=column, old=old, after=after, lenient=lenient)


def _read_add(reading: Reading, alteration: Alteration) -> None:
    if reading.take("SYSTEM", "VERSIONING"):
        alteration.versioned = True
        return
    named = reading.take("CONSTRAINT")
    if named and not (reading.at("PRIMARY", "KEY") or _at_index(reading)):
        reading.take("IF", "NOT", "EXISTS")
        reading.name()
    if reading.take("PRIMARY", "KEY"):
        alteration.key = read_key(reading)
        return
    if named or _at_index(reading):
        reading.pass_item()
        return
    reading.take("COLUMN")
    lenient = reading.take("IF", "NOT", "EXISTS")
    if not reading.take("("):
        alteration.columns.append(_placed(reading, read_column(reading), None, lenient=lenient))
        return
    read_elements(reading, alteration, lenient=lenient)


def read_elements(reading: Reading, alteration: Alteration, *, lenient: bool = False) -> None:
    """The columns and keys of ``( … )``, from behind the opening parenthesis."""
    while True:
        named = reading.take("CONSTRAINT")
        if named and not (reading.at("PRIMARY", "KEY") or _at_index(reading)):
            reading.name()
        if reading.take("PRIMARY", "KEY"):
            alteration.key = read_key(reading)
        elif named or _at_index(reading):
            reading.pass_item()
        else:
            column = read_column(reading)
            alteration.columns.append(Placed(column=column, old=None, after=None, lenient=lenient))
        if not reading.take(","):
            reading.need(")")
            return


def read_key(reading: Reading) -> tuple[str, ...]:
    """The columns of a primary key, from behind PRIMARY KEY, with what else it says."""
    while not reading.at("("):
        reading.next()  # a name, USING BTREE
    names = reading.names()
    reading.pass_item()
    return names


def _read_drop(reading: Reading, alteration: Alteration) -> None:
    if reading.take("PRIMARY", "KEY"):
        alteration.drops_key = True
    elif reading.take_one("INDEX", "KEY", "CONSTRAINT"):
        reading.take("IF", "EXISTS")
        alteration.drops_key |= reading.name().upper() == "PRIMARY"
    elif reading.take_one("FOREIGN KEY", "CHECK"):
        reading.take("IF", "EXISTS")
        reading.name()
    elif reading.take_one("SYSTEM VERSIONING", "PERIOD FOR SYSTEM_TIME"):
        return
    else:
        reading.take("COLUMN")
        lenient = reading.take("IF", "EXISTS")
        alteration.dropped[reading.name().lower()] = lenient
        reading.take_one("RESTRICT", "CASCADE")


def _read_rename(reading: Reading, alteration: Alteration) -> None:
    if reading.take("COLUMN"):
        lenient = reading.take("IF", "EXISTS")
        old = reading.name().lower()
        reading.need("TO")
        alteration.renamed[old] = reading.name()
        alteration.lenient |= {old} if lenient else set()
    elif reading.take_one("INDEX", "KEY"):
        reading.pass_item()
    else:
        reading.take_one("TO", "AS", "=")
        alteration.new_name = reading.table_name()


def _read_alter_column(reading: Reading, alteration: Alteration) -> None:
    if reading.take_one("INDEX", "KEY", "CHECK", "CONSTRAINT"):
        reading.pass_item()
        return
    reading.take("COLUMN")
    lenient = reading.take("IF", "EXISTS")
    name = reading.name().lower()
    alteration.lenient |= {name} if lenient else set()
    if shown := reading.take_one("SET INVISIBLE", "SET VISIBLE"):
        alteration.shown[name] = shown == "SET VISIBLE"
    else:
        reading.pass_item()


def read_options(reading: Reading, alteration: Alteration) -> None:
    """Options of a table, which may follow each other without a comma."""
    while not (reading.ended or reading.at(",") or begins_partitions(reading)):
        option = read_option(reading)
        alteration.charset = option.charset or alteration.charset
        alteration.versioned |= option.versioned
