"""Dialect: Athena's SQL as DuckDB runs it. sqlglot translates; what is then still understood otherwise is mended.

Where DuckDB is more generous than Athena (it reads ``7.5``, `` 7`` and ``0x10`` as integers), a value would be shown
that is NULL or an error on AWS. So each cast of a text looks at the text first, with Trino's rules
(``io.trino.type.VarcharOperators`` and its neighbours in trinodb/trino).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, SqlglotError

from model import PipelineError
from rehearsal.athena import json_values
from rehearsal.athena.unnesting import streamed

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of statements that are refused here anyway
_UNDERLINED = re.compile("\x1b\\[[0-9]*m")  # by sqlglot, for a terminal
_Type = exp.DataType.Type
_DATA_CATALOG = "awsdatacatalog"
"""Athena's name of the Glue catalog of the account, which a query may say before the database."""
MOMENT = "cdc_moment"
"""A macro that whoever runs the SQL defines: the moment at which it is run, as a timestamp in UTC."""
_WHOLE = r"[+-]?[0-9]+"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_DAY = r"[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]+)?)?"
_READABLE = {
    **dict.fromkeys((_Type.TINYINT, _Type.SMALLINT, _Type.INT, _Type.BIGINT), _WHOLE),
    _Type.DECIMAL: _NUMBER,
    **dict.fromkeys((_Type.FLOAT, _Type.DOUBLE), rf"\s*({_NUMBER}|[+-]?(NaN|Infinity))\s*"),
    _Type.BOOLEAN: "(?i)t|true|1|f|false|0",
    _Type.DATE: rf"\s*{_DAY}\s*",
    _Type.TIMESTAMP: rf"\s*{_DAY}( {_TIME})?\s*",
}
"""The texts that Athena casts to a type: a whole text must look so. Years of less than four digits are not played."""
_BLANK = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2028\u2029\u205f\u3000" + "".join(
    map(chr, (*range(0x2000, 0x2007), *range(0x2008, 0x200B)))
)
"""What Athena's ``trim`` takes away: all whitespace but no-break spaces; DuckDB's takes spaces alone."""
_PRESTO = {
    "INTEGER": "integer",
    "FLOAT": "real",
    "BLOB": "varbinary",
    "TIMESTAMP": "timestamp(6)",
    "TIMESTAMP_S": "timestamp(0)",
    "TIMESTAMP_MS": "timestamp(3)",
    "TIMESTAMP_NS": "timestamp(9)",
    "TIMESTAMP WITH TIME ZONE": "timestamp(6) with time zone",
    "HUGEINT": "bigint",  # of a sum of bigints, which is a bigint in Athena
    '"NULL"': "unknown",
}


class QueryError(PipelineError):
    """Athena, or what plays it, cannot answer this SQL."""


@lru_cache(maxsize=512)
def parsed(sql: str) -> exp.Expr:
    """The one query in ``sql``, which is Athena's; copy it before you change it.

    QueryError for another statement, or what is no SQL.
    """
    statements = _statements(sql)
    if len(statements) != 1 or not isinstance(statements[0], exp.Query | exp.Values):
        raise QueryError(
            "one SELECT is answered, and nothing else: the kept lake cannot be written; without any SQL the tables, "
            "views and named queries are listed"
        )
    return statements[0]


def parsed_change(sql: str) -> exp.Expr:
    """The one statement in ``sql``, Athena's, that makes or changes an Iceberg table. QueryError for any other."""
    statements = _statements(sql)
    if len(statements) != 1 or not isinstance(statements[0], exp.Create | exp.Merge | exp.Delete):
        raise QueryError("of a table that is kept, CREATE TABLE, MERGE and DELETE are played, one at a time")
    return statements[0]


@lru_cache(maxsize=512)
def translated_change(sql: str) -> str:
    """Athena's statement ``sql`` that makes or changes an Iceberg table, for DuckDB. QueryError for any other."""
    statement = parsed_change(sql).copy()
    if isinstance(statement, exp.Create):
        statement.set("properties", None)  # where its files lie, and what they are
    return _generated(streamed(statement))


@lru_cache(maxsize=512)
def translated(sql: str) -> str:
    """Athena's query ``sql``, which the program declares, for DuckDB."""
    return _generated(streamed(parsed(sql).copy()))


def with_parameters(sql: str, values: Sequence[object]) -> str:
    """Athena's query ``sql`` for DuckDB, with ``values`` in the places of its question marks."""
    query = parsed(sql).copy()
    places = _question_marks(query)
    if len(places) != len(values):
        raise QueryError(f"the query has {len(places)} places for a parameter (?), and {len(values)} are given")
    for place, value in zip(places, values, strict=True):
        place.replace(
            exp.convert(value) if isinstance(value, Decimal | int | float) else exp.Literal.string(str(value))
        )
    return _generated(_named(query))


def parameters_of(sql: str) -> int:
    """How many parameters the query ``sql`` takes."""
    return len(_question_marks(parsed(sql)))


@lru_cache(maxsize=512)
def tables_of(sql: str) -> frozenset[tuple[str, str]]:
    """Database (empty for none) and name of each table that the query ``sql`` reads."""
    query = parsed(sql)
    own = {with_.alias for with_ in query.find_all(exp.CTE)}
    return frozenset((table.db, table.name) for table in query.find_all(exp.Table) if table.db or table.name not in own)


def quoted(name: str) -> str:
    """``name`` as an identifier that may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def presto_type(duckdb: str) -> str:
    """Athena's name of a type of DuckDB."""
    return _PRESTO.get(duckdb) or duckdb.lower()


def normal_type(presto: str) -> str:
    """A type's name as ``presto_type`` writes it: ``DECIMAL(10, 2)`` is ``decimal(10,2)``."""
    name = re.sub(r"\s*([(),])\s*", r"\1", presto.strip().lower())
    return {"int": "integer", "timestamp": "timestamp(3)", "string": "varchar"}.get(name, name)


def _statements(sql: str) -> list[exp.Expr | None]:
    try:
        return sqlglot.parse(sql, read="athena", error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise QueryError(f"this is no SQL of Athena: {_UNDERLINED.sub('', str(error))}") from error


def _named(query: exp.Expr) -> exp.Expr:
    """``query`` with the names that Athena gives to columns without one."""
    for place, value in enumerate(query.selects if isinstance(query, exp.Select) and not query.is_star else ()):
        if not isinstance(value, exp.Column | exp.Alias):
            value.replace(exp.alias_(value.copy(), f"_col{place}"))
    return query


def _question_marks(query: exp.Expr) -> list[exp.Placeholder]:
    """In the order of the text."""
    return [place for place in query.find_all(exp.Placeholder, bfs=False) if place.this is None]


def _generated(query: exp.Expr) -> str:
    query = query.copy()
    for table in query.find_all(exp.Table):
        if table.catalog.lower() == _DATA_CATALOG:
            table.set("catalog", None)
    try:
        return json_values.rewritten(query).sql(dialect=_Played, unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise QueryError(f"this part of Athena's SQL is not played: {error}") from error


def _cast(self: DuckDB.Generator, cast: exp.Cast) -> str:
    """A text that Athena would not read is NULL for TRY_CAST; CAST fails on it, as on one with such words behind it."""
    tried = isinstance(cast, exp.TryCast)
    plain = self.trycast_sql(cast) if tried else self.cast_sql(cast)
    if cast.to.this is _Type.VARCHAR and cast.to.expressions:
        return f"left({plain}, {self.sql(cast.to.expressions[0])})"
    readable = _READABLE.get(cast.to.this)
    if readable is None or _is_no_text(cast.this):
        return plain
    value, kind = self.sql(cast, "this"), self.sql(cast, "to")
    looks = f"typeof({value}) <> 'VARCHAR' OR regexp_full_match(CAST({value} AS TEXT), {_literal(readable)})"
    told = f"concat(left(CAST({value} AS TEXT), 60), ', which Athena does not cast,')"
    refused = "" if tried else f" WHEN {value} IS NOT NULL THEN CAST({told} AS {kind})"
    return f"CASE WHEN {looks} THEN {plain}{refused} END"


def _is_no_text(value: exp.Expr) -> bool:
    """Whether ``value`` is no text, whatever its columns are. To look at each costs much time: a cast makes the SQL
    of what it casts five times as long."""
    value = value.unnest()
    if isinstance(value, exp.Cast):  # TRY_CAST is one
        return value.to.this not in exp.DataType.TEXT_TYPES
    return value.is_number or isinstance(value, exp.Mul | exp.Div | exp.Add | exp.Sub | exp.Abs)


def _unhex(self: DuckDB.Generator, call: exp.Unhex) -> str:
    """An odd number of digits is an error in Athena, and a blank is one here."""
    digits = self.sql(call, "this")
    return f"unhex(CASE WHEN length({digits}) % 2 = 0 THEN {digits} ELSE concat({digits}, ' ') END)"


def _lower_hex(self: DuckDB.Generator, call: exp.LowerHex) -> str:
    """DuckDB's SHA-1 is hexadecimal digits, Athena's bytes."""
    if isinstance(call.this, exp.SHA):
        return f"sha1({self.sql(call.this, 'this')})"
    return f"lower(hex({self.sql(call, 'this')}))"


def _trim(self: DuckDB.Generator, trim: exp.Trim) -> str:
    if trim.expression:
        return DuckDB.Generator.trim_sql(self, trim)
    side = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((trim.args.get("position") or "").upper(), "trim")
    return f"{side}({self.sql(trim, 'this')}, {_literal(_BLANK)})"


def _unequal(self: DuckDB.Generator, unequal: exp.NEQ) -> str:
    """Whether a line is blank is asked of every line, and DuckDB's trim goes through all of it: one that begins as a
    record does is not."""
    trim, plain = unequal.this, f"{self.sql(unequal, 'this')} <> {self.sql(unequal, 'expression')}"
    empty = isinstance(unequal.expression, exp.Literal) and unequal.expression.is_string and not unequal.expression.this
    if not (isinstance(trim, exp.Trim) and empty) or trim.expression:
        return plain
    return f"(starts_with({self.sql(trim, 'this')}, '{{') OR {plain})"


def _division(self: DuckDB.Generator, division: exp.Div) -> str:
    """Of integers an integer in Athena."""
    left, right = self.sql(division, "this"), self.sql(division, "expression")
    whole = " AND ".join(f"typeof({side}) LIKE '%INT%'" for side in (left, right))
    return f"CASE WHEN {whole} THEN ({left}) // ({right}) ELSE ({left}) / ({right}) END"


def _clock(self: DuckDB.Generator, now: exp.Expr) -> str:
    """The moment that Athena is played at; without a zone, in a zone, or its day."""
    moment = f"{MOMENT}()"
    if isinstance(now, exp.CurrentDate):
        return f"CAST({moment} AS DATE)"
    return moment if isinstance(now, exp.Localtimestamp) else f"({moment} AT TIME ZONE 'UTC')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Played(DuckDB):
    class Generator(DuckDB.Generator):  # pyrefly: ignore[bad-override]
        TRANSFORMS = {  # noqa: RUF012 -- sqlglot's name for it, and its way
            **DuckDB.Generator.TRANSFORMS,
            exp.Cast: _cast,
            exp.TryCast: _cast,
            exp.Unhex: _unhex,
            exp.SHA: lambda self, call: f"unhex(sha1({self.sql(call, 'this')}))",
            exp.LowerHex: _lower_hex,
            exp.Trim: _trim,
            exp.NEQ: _unequal,
            exp.Div: _division,
            exp.CurrentDate: _clock,
            exp.CurrentTimestamp: _clock,
            exp.Localtimestamp: _clock,
        }
