"""The questions that people ask of a change log, as SQL to start from: Athena's saved queries. Pure functions.

Athena bills what a query reads. So each reads the last days of the lake only, by ``cdc_dt``, and says so; where a
question is about all times (one row's changes), it reads everything. Changes are listed in the order of the
current-state views.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from documents.athena_sql import quoted
from documents.athena_types import VARCHAR, AthenaType, athena_type
from documents.lake_sql import CHANGES
from documents.log_columns import NEWEST_FIRST
from documents.table_descriptions import TableDescription


@dataclass(frozen=True, kw_only=True)
class Question:
    """A saved query."""

    name: str
    about: str
    """What it answers, in words."""
    sql: str


def _since(days: int) -> str:
    """What keeps a query to the partitions of today and as many days before it."""
    return f"cdc_dt >= date_format(current_date - INTERVAL '{days}' DAY, '%Y-%m-%d')"


_OF_ALL_TABLES = (
    Question(
        name="latest-changes",
        about="The newest hundred changes of any table, of today and yesterday",
        sql=f"""SELECT cdc_message_time, cdc_schema, cdc_table, cdc_operation, cdc_commit_time, cdc_record
FROM {{database}}.changes
WHERE {_since(1)}
ORDER BY {NEWEST_FIRST}
LIMIT 100""",
    ),
    Question(
        name="operations-per-hour",
        about="How many records of each operation each table had in each hour of the last day, duplicates included",
        sql=f"""SELECT date_trunc('hour', cdc_message_time) AS message_hour, cdc_schema, cdc_table, cdc_operation,
  count(*) AS changes
FROM {{database}}.changes
WHERE {_since(1)} AND cdc_message_time >= localtimestamp - INTERVAL '1' DAY
GROUP BY 1, 2, 3, 4
ORDER BY 1 DESC, 2, 3, 4""",
    ),
    Question(
        name="freshness",
        about="How old each table's newest change is; a table without one since yesterday is not listed",
        sql=f"""SELECT cdc_schema, cdc_table,
  max(cdc_message_time) AS newest_message, max(cdc_commit_time) AS newest_commit,
  date_diff('second', max(cdc_message_time), localtimestamp) AS seconds_since_message,
  date_diff('second', max(cdc_commit_time), localtimestamp) AS seconds_since_commit
FROM {{database}}.changes
WHERE {_since(1)}
GROUP BY 1, 2
ORDER BY 5 DESC, 1, 2""",
    ),
    Question(
        name="control-records",
        about="What DMS told of tables in the last thirty days: created, truncated, altered",
        sql=f"""SELECT cdc_message_time, cdc_schema, cdc_table, cdc_operation, cdc_record
FROM {{database}}.control_records
WHERE {_since(30)}
ORDER BY {NEWEST_FIRST}
LIMIT 100""",
    ),
    Question(
        name="unread-lines",
        about="Lines of the last seven days that are no record: there should be none",
        sql=f"""SELECT cdc_dt, cdc_hr, cdc_record
FROM {{database}}.records
WHERE {_since(7)} AND cdc_kind = 'unread'
ORDER BY cdc_dt DESC, cdc_hr DESC
LIMIT 100""",
    ),
)
"""What is asked of the views of all tables, which are those of ``{database}``."""


def questions(
    database: str, tables: Iterable[tuple[str, TableDescription]], heartbeat_minutes: int = 0
) -> list[Question]:
    """The questions about all tables, and those about each of ``tables``, whose views are called after the names."""
    asked = [_with_heartbeat(it, heartbeat_minutes) if heartbeat_minutes else it for it in _OF_ALL_TABLES]
    found = [replace(one, sql=one.sql.format(database=quoted(database))) for one in asked]
    for name, table in tables:
        found += _of_one_table(f"{quoted(database)}.{quoted(f'{name}_{CHANGES}')}", name, table)
    return found


def _with_heartbeat(question: Question, minutes: int) -> Question:
    """``freshness`` with what it can tell once a row changes every so many minutes, whatever else happens."""
    if question.name != "freshness":
        return question
    return replace(
        question,
        about=(
            "How old each table's newest change is, and how far the lake is behind: lake_behind_seconds is the time "
            f"from commit to lake, and at most {minutes * 60} more, for the heartbeat commits that often. A table that "
            "is older is idle; one without a change since yesterday is not listed; no row at all: the pipeline stopped"
        ),
        sql=question.sql.replace(
            " AS seconds_since_commit\n",
            " AS seconds_since_commit,\n"
            "  min(date_diff('second', max(cdc_commit_time), localtimestamp)) OVER () AS lake_behind_seconds\n",
        ),
    )


def _given(kind: AthenaType) -> str:
    """A parameter as ``kind``: a comparison takes no text for a number or a time, whatever the text says."""
    return "from_hex(?)" if kind.sql == "varbinary" else f"CAST(? AS {kind.sql})"


def _of_one_table(changes: str, name: str, table: TableDescription) -> Iterator[Question]:
    if table.primary_key:
        types = {column.name: athena_type(column.type) for column in table.columns}
        keys = " AND ".join(f"{quoted(name)} = {_given(types.get(name, VARCHAR))}" for name in table.primary_key)
        yield Question(
            name=f"changes-of-one-row-{name}",
            about=(
                f"Every change after which the row of {table} has the {', '.join(table.primary_key)} that you give "
                "(text, time, or more than 18 digits: in single quotes; binary: its hexadecimal digits, quoted, "
                "without 0x). The one that gave it another key is listed under that. It reads all"
            ),
            sql=f"SELECT *\nFROM {changes}\nWHERE {keys}\nORDER BY {NEWEST_FIRST}",
        )
    if any(athena_type(column.type) is not VARCHAR for column in table.columns):
        yield Question(
            name=f"unreadable-values-{name}",
            about=f"Columns of {table} not of the described type, of the last seven days: there should be none",
            sql=f"""SELECT cdc_unreadable, count(*) AS changes, min(cdc_message_time) AS oldest_message,
  max(cdc_message_time) AS newest_message, max(cdc_record) AS one_record
FROM {changes}
WHERE {_since(7)} AND cdc_unreadable IS NOT NULL
GROUP BY 1
ORDER BY 2 DESC""",
        )
