"""Random DDL: histories of statements that make, alter, rename and drop tables, as people and tools write them.

A statement need not be one that the server accepts: what it refuses is not in its log. ``{schema}`` stands for the name
of the schema.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_TABLES = ("t", "t", "t", "Order_2")  # MariaDB keeps an empty table behind ALTER … RENAME of a name as é
_COLUMNS = ("id", "a", "b", "C", "d e", "größe")
_CHARSETS = ("utf8mb4", "latin1", "utf8", "ucs2", "utf16", "ascii", "utf32", "binary", "latin2", "cp1251")
_COLLATIONS = ("utf8mb4_bin", "latin1_swedish_ci", "utf8mb3_general_ci", "uca1400_ai_ci")
_ASCII_LABELS = ("a", "b", "it's", "back\\slash", "new\nline", 'say "x"', "tail  ", "", "a,b")
_LABELS = (*_ASCII_LABELS, "ä", "日本")
_INTEGERS = ["tinyint", "smallint", "mediumint", "int", "bigint", "integer", "int1", "int2", "int3", "int4", "int8"]
_DECIMALS = "decimal|dec(5)|numeric(20,4)|fixed(3,3)|float|float(7,3)|float(30)|double|double precision|real|float8"
_OTHERS = (
    "date|time|time(3)|datetime|datetime(6)|timestamp|timestamp(2)|year|year(4)|bit|bit(9)|json|uuid|inet6|inet4"
    "|geometry|point|multipolygon|binary|binary(4)|varbinary(300)|tinyblob|blob|blob(70000)|mediumblob|longblob"
    "|char byte|long varbinary|serial|geometrycollection|boolean|bool"
)
_TEXTS = (
    "char|char(7)|varchar(20)|varchar(250)|varchar(5000)|character varying(9)|nvarchar(5)|national char(3)|tinytext"
    "|text|text(10)|text(300)|mediumtext|longtext|long|long varchar|varchar(17000)"
)
_TEXT_CHARSETS = (
    *(f" CHARACTER SET {one}" for one in _CHARSETS), *(f" collate {one}" for one in _COLLATIONS), *[""] * 14,
    " ascii", " unicode", " binary", " charset latin1 collate latin1_bin", " character set 'latin1'",
)  # fmt: skip
_ATTRIBUTES = (
    " not null", " NULL", " not null", " default null", " unique", " comment 'a, b) ''c'", " invisible",
    " primary key", " key",
)  # fmt: skip
_DEFAULTS = {
    "integer": (" default 1", " default '1'", " default (1 + (2))", " default -1", " default b'01'", " default 0x01"),
    "decimal": (" default -1.5", " default 1e3", " default '2'"),
    "text": (" default 'x'", " default _utf8mb4'x'", " default x'31'", " default 'a' 'b'", " default (uuid())"),
    "timestamp": (" default now()", " default current_timestamp on update current_timestamp"),
}
_CHECKS = (" check (1 > 0)", " constraint k check (length('(') > 0)", " check (json_valid({column}))")
_OPTIONS = (
    "comment = 'x, charset=latin1'", "engine=innodb", "default charset=latin1", "collate utf8mb4_bin",
    "row_format=dynamic checksum=1", "character set = utf8mb3, comment 'y'", "charset ucs2 comment='z'",
    "auto_increment 7", "default character set utf8mb4 collate utf8mb4_unicode_ci",
)  # fmt: skip
_INDEXES = (
    "index (a)", "key i (b, id)", "unique u (id, a)", "constraint x unique key (b)", "index (b(3))",
    "check (1 > 0)", "constraint c check (json_valid('[1,2)'))", "index if not exists j (a desc)",
)  # fmt: skip
_SAFE = "(id int primary key, A varchar(20), b decimal(5,2) not null, C enum('x','y'), `d e` text, größe datetime)"
_SQL_MODES = ("", "", "STRICT_ALL_TABLES", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,REAL_AS_FLOAT", "ANSI")
_WRAPPINGS = (
    *[("", "")] * 10, ("/*!50000 ", " */"), ("/*M!100100 ", "*/"), ("set statement max_statement_time=100 for ", ""),
    ("/* create table z (a int) */ ", ";"), ("-- alter\n", " # end"), ("/*!99999 drop table t */ ", ""),
)  # fmt: skip
_ACTIONS = ("add",) * 6 + ("modify",) * 5 + ("change",) * 4 + ("drop",) * 3 + (
    "several", "key", "drop key", "rename column", "rename column", "rename", "convert", "convert", "option", "index",
    "default", "order",
)  # fmt: skip


class Histories:
    """Makes one history after the other; the same ``seed`` gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._quote = "`"

    def __call__(self) -> list[str]:
        """A history: statements that set something in the session among DDL."""
        self._quote = "`"
        begin = [f"create table {name} {_SAFE}" for name in ("t", "Order_2")] if self._random.randrange(3) else []
        return [*begin, self._wrapped(self._create()), *(self._statement() for _ in range(self._random.randint(4, 14)))]

    def _one(self, of: Sequence[T]) -> T:
        return self._random.choice(of)

    def _maybe(self, text: str, times: int = 3) -> str:
        return text if not self._random.randrange(times) else ""

    def _name(self, texts: Sequence[str]) -> str:
        text = self._one(texts)
        if text.isidentifier() and text.isascii() and self._random.randrange(2):
            return self._one((text, text.upper())) if texts is _COLUMNS else text
        return self._quote + text.replace(self._quote, self._quote * 2) + self._quote

    def _table(self) -> str:
        return self._maybe("{schema}.") + self._name(_TABLES)

    def _words(self, text: str) -> str:
        gaps = (" ", " ", " ", "\n", "  ", "/* x, (y */ ", " -- z'\n")
        return "".join(self._one((str.upper, str.lower))(word) + self._one(gaps) for word in text.split())

    def _type(self) -> tuple[str, str]:
        """Its kind, and the type."""
        kind = self._one(("integer", "decimal", "other", "other", "text", "text", "text", "label"))
        if kind == "integer":
            size, sign = self._one(("", "", "(5)", "(1)")), self._one(("", "", " unsigned", " zerofill", " signed"))
            return kind, self._one(_INTEGERS) + size + sign
        if kind == "decimal":
            return kind, self._one(_DECIMALS.split("|")) + self._maybe(" unsigned", 4)
        if kind == "other":
            other = self._one(_OTHERS.split("|"))
            return "timestamp" if other in ("timestamp", "datetime") else kind, other
        if kind == "text":
            return kind, self._one(_TEXTS.split("|")) + self._one(_TEXT_CHARSETS)
        labels = self._random.sample(self._one((_LABELS, _ASCII_LABELS, _ASCII_LABELS)), self._random.randint(1, 5))
        return kind, f"{self._one(('enum', 'SET'))} ({', '.join(map(_label, labels))}){self._one(_TEXT_CHARSETS)}"

    def _definition(self, column: str) -> str:
        """Type and attributes of a column."""
        if not self._random.randrange(12):
            stored = self._one(("", " virtual", " stored", " persistent"))
            kind = self._one(("int", "varchar(9)", "timestamp")) + self._maybe(" generated always")
            return f"{kind} as (1 + length('),')){stored}"
        kind, text = self._type()
        attributes = self._random.sample(_ATTRIBUTES, self._one((0, 0, 0, 1, 1, 2)))
        default = self._one(_DEFAULTS[kind]) if kind in _DEFAULTS and not self._random.randrange(3) else ""
        checks = _CHECKS if "longtext" in text else _CHECKS[:-1]
        return text + default + "".join(attributes) + self._maybe(self._one(checks).replace("{column}", column), 8)

    def _place(self) -> str:
        return self._one((" first", f" after {self._name(_COLUMNS)}", "", "", ""))

    def _key(self) -> str:
        columns = self._random.sample(_COLUMNS[:3], self._random.randint(1, 2))
        head = self._one(("", "constraint pk ", "constraint "))
        return f"{head}primary key {self._maybe('using btree ')}({', '.join(columns)})"

    def _action(self) -> str:
        one, other, column = self._name(_COLUMNS), self._name(_COLUMNS), self._maybe("column ")
        kind, exists, definition = self._one(_ACTIONS), self._maybe("if exists ", 4), self._definition(one)
        if kind == "key":
            return self._one(("add ", "drop primary key, add ")) + self._key()
        return {
            "add": f"add {column}{exists.replace('exists', 'not exists')}{one} {definition}{self._place()}",
            "several": f"add {column}({one} {definition}, {other} {self._definition(other)})",
            "modify": f"modify {column}{exists}{one} {definition}{self._place()}",
            "change": f"change {column}{exists}{one} {other} {self._definition(other)}{self._place()}",
            "drop": f"drop {column}{exists}{one}",
            "drop key": "drop primary key",
            "rename column": f"rename column {exists}{one} to {other}",
            "rename": f"rename {self._one(('', 'to ', 'as '))}{self._table()}",
            "convert": f"convert to character set {self._one(_CHARSETS)}",
            "option": self._one(_OPTIONS),
            "index": f"add {self._one(_INDEXES)}",
            "default": f"alter {column}{one} {self._one(('set default 5', 'drop default'))}",
            "order": f"order by {one}, {other} desc",
        }[kind]

    def _create(self) -> str:
        names = self._random.sample(_COLUMNS, self._random.randint(1, 5))
        quoted = [self._quote + name + self._quote for name in names]
        elements = [f"{name} {self._definition(name)}" for name in quoted]
        elements += [self._one((self._one(_INDEXES), self._key()))] if not self._random.randrange(4) else []
        options = self._random.sample(_OPTIONS, self._one((0, 0, 1, 2)))
        head = self._words(self._one(("create table", "create or replace table", "create table if not exists")))
        partitions = self._maybe(" partition by hash (id) partitions 2", 8)
        return f"{head}{self._table()} ({', '.join(elements)}) {' '.join(options)}{partitions}"

    def _alter(self) -> str:
        head = self._words(self._one(("alter table",) * 4 + ("alter online table", "alter table if exists")))
        actions = [self._action() for _ in range(self._one((1, 1, 1, 2, 2, 3, 4)))]
        return f"{head}{self._table()} {', '.join(actions)}"

    def _other(self) -> str:
        one, two = self._table(), self._table()
        return self._one(
            (
                f"create table {one} like {two}", f"create or replace table {one} (like {two})",
                f"rename table {one} to {two}", f"rename table {one} to x, {two} to {one}, x to {two}",
                f"drop table {one}", f"drop tables if exists {one}, {two}", f"truncate {one}",
                f"truncate table {one}", f"create or replace table {one} (id int) select 1 as b, 'x' as c",
                f"create or replace table {one} as select 1 as id, _latin1'x' as a", f"create index i on {one} (a)",
                f"drop index `PRIMARY` on {one}", "alter database {schema} character set latin1",
                "alter database {schema} collate utf8mb4_bin", "create temporary table tmp (id int)",
                "create or replace view v as select 1", f"alter table {one} remove partitioning",
                f"alter table {one} partition by key (id) partitions 3",
            )
        )  # fmt: skip

    def _statement(self) -> str:
        kind = self._random.randrange(11)
        if kind:
            return self._wrapped(self._alter() if kind < 7 else self._create() if kind < 9 else self._other())
        setting = self._random.randrange(3)
        if setting == 0:
            mode = self._one(_SQL_MODES)
            self._quote = '"' if "ANSI" in mode else "`"
            return f"set sql_mode = '{mode}'"
        if setting == 1:
            return f"set explicit_defaults_for_timestamp = {self._one(('on', 'off'))}"
        return f"set names {self._one(('utf8mb4', 'latin1'))}"

    def _wrapped(self, statement: str) -> str:
        head, tail = self._one(_WRAPPINGS)
        return head + statement + tail


def _label(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"
