"""The lake: each table's newest record, against when its source was changed last.

InnoDB tells when a table was changed last, until the server starts again, and not of partitioned tables
(https://dev.mysql.com/doc/refman/8.0/en/information-schema-tables-table.html). MySQL would answer from a cache
of a day; one session is told not to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mappings.table_mappings import Mappings, parse
from model import PipelineError, Table
from operations.health.dms import TableState, named
from operations.health.look import Look
from operations.health.part import Part, ago
from operations.sql import athena
from operations.sql.athena import Athena

RIGHTS = (*athena.RIGHTS, "rds-data:BeginTransaction", "rds-data:RollbackTransaction")
FRESHNESS = """SELECT cdc_schema, cdc_table,
  max(cdc_message_time) AS newest_message, max(cdc_commit_time) AS newest_commit
FROM changes
WHERE cdc_dt >= date_format(current_date - INTERVAL '1' DAY, '%Y-%m-%d')
GROUP BY 1, 2"""
"""As the saved query ``freshness`` asks it."""
_NO_CACHE = "SET SESSION information_schema_stats_expiry = 0"
_CHANGED = """SELECT table_schema, table_name, CAST(CONVERT_TZ(update_time, @@session.time_zone, '+00:00') AS CHAR)
FROM information_schema.tables
WHERE update_time IS NOT NULL AND table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"""
_MOST = 3

Name = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class TableLine:
    """One table on its way, for people."""

    state: TableState
    changed: datetime | None
    """When its source was changed last; None where that is not known."""
    newest: datetime | None
    """The commit of its newest record since yesterday; None where there is none, or it was not asked."""


def lake(look: Look) -> tuple[Part, list[TableLine]]:
    """What the lake and the source tell of each table that the task captures."""
    part = Part("lake")
    states = look.told(lambda: look.tables) or []
    if look.operation.options.without_lake:
        part.skipped = "the lake was not asked (--without-lake)"
        return part, [TableLine(state=it, changed=None, newest=None) for it in states]
    ask = Athena(look.operation.clients, look.operation.outputs, look.operation.pause)
    newest = part.ask(lambda: _newest(ask))
    changed = _changed(part, look)
    replication = look.told(lambda: look.replication)
    mappings = part.ask(lambda: parse(json.loads(replication.table_mappings))) if replication else None
    if newest is None or mappings is None:
        return part, [TableLine(state=it, changed=changed.get(_name(it)), newest=None) for it in states]
    latest = max(newest.values(), default=None)
    part.facts["newest record"] = ago(latest, look.now) if latest else "none since yesterday"
    lines = [
        TableLine(state=it, changed=changed.get(_name(it)), newest=newest.get(_in_the_lake(mappings, it)))
        for it in states
    ]
    behind = [it for it in lines if _behind(it, look) and not _filtered(mappings, it.state)]
    _compared(part, look, lines, len(behind), latest)
    part.facts["scanned"] = f"{ask.scanned / 2**20:.1f} MiB"
    if behind:
        _tell(part, look, behind)
    return part, lines


def _compared(part: Part, look: Look, lines: list[TableLine], behind: int, latest: datetime | None) -> None:
    """Of how many tables something is known to compare. Where it is none, and nothing comes, nobody knows."""
    known = sum(it.changed is not None for it in lines)
    more = f", {len(lines) - known} not known" if known < len(lines) else ""
    part.facts["behind source"] = f"{behind} of {known} tables{more}"
    comes = latest is not None and look.now - latest < look.promise
    if lines and not known and not comes and not part.unknown:
        part.unknown.append(
            "when a table was changed last, which InnoDB forgets at a restart, is known of none, and nothing came into "
            f"the lake of late: {look.command('audit')} tells whether it is the source"
        )


def _newest(ask: Athena) -> Mapping[Name, datetime]:
    answer = ask(FRESHNESS)
    found = {(schema or "", table or ""): commit or message for schema, table, message, commit in answer.rows}
    return {name: moment.replace(tzinfo=UTC) for name, moment in found.items() if moment}


def _changed(part: Part, look: Look) -> Mapping[Name, datetime]:
    answer = part.ask(lambda: look.source.settled(_NO_CACHE, _CHANGED))
    return {(schema, table): _moment(text) for schema, table, text in answer.rows if text} if answer else {}


def _moment(text: str) -> datetime:
    """``2026-11-29 18:00:00`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _name(state: TableState) -> Name:
    return state.schema, state.table


def _stub(state: TableState) -> Table:
    return Table(schema=state.schema, name=state.table, columns=())


def _in_the_lake(mappings: Mappings, state: TableState) -> Name:
    try:
        return mappings.names(_stub(state))
    except PipelineError:  # the audit tells of a rule that cannot be followed
        return _name(state)


def _filtered(mappings: Mappings, state: TableState) -> bool:
    """Whether a change may rightly never come, for its row is filtered out."""
    return any(it.filters for it in mappings.selections if it.matches(state.schema, state.table))


def _behind(line: TableLine, look: Look) -> bool:
    """Whether a change that is older than the promise, and was asked for, is not there.

    Of a table that is not loaded, or not captured any more, the task tells. One that changes all the time never has a
    last change that is old enough: of it the latencies tell.
    """
    changed = line.changed
    if changed is None or look.now - changed < look.promise or not line.state.follows:
        return False
    if line.newest is None:
        return changed.date() >= (look.now - timedelta(days=1)).date()
    return changed - line.newest > look.promise


def _tell(part: Part, look: Look, behind: list[TableLine]) -> None:
    told = [
        f"{it.state.name} changed {ago(it.changed, look.now)}, its newest record is "
        + (f"of {ago(it.newest, look.now)}" if it.newest else "older than yesterday")
        for it in behind
        if it.changed
    ]
    more = f"; and {len(told) - _MOST} tables more" if len(told) > _MOST else ""
    part.wrong("; ".join(told[:_MOST]) + more, look.command(f"audit {named(it.state for it in behind)}"), symptom=True)
